import assert from "node:assert/strict";
import { directoryError } from "../../../../src/destination/directory/directory_faults.ts";
import { stepByReason } from "../../../../src/observe/status/service_step.ts";

Deno.test("stepByReason says what ends the fault that a reason names", () => {
  const steps: readonly (readonly [Parameters<typeof stepByReason>[0], string, RegExp])[] = [
    ["destination", "No space left on device (os error 28)", /^Make room on the disk/],
    ["destination", "Disk quota exceeded (os error 122)", /^Make room on the disk/],
    ["destination", 'Cannot write "a": Read-only file system (os error 30)', /^Mount it writable/],
    ["destination", 'Cannot write "a": Permission denied (os error 13)', /may write there/],
    ["destination", "Stale file handle (os error 116)", /^Mount it again/],
    ["destination", "Transport endpoint is not connected", /^Mount it again/],
    [
      ...["redis", "OOM command not allowed when used memory > 'maxmemory'."] as const,
      /^Raise `maxmemory` of Redis/,
    ],
    ["redis", "MISCONF Redis is configured to save RDB snapshots", /^Let Redis save again/],
    ["destination", 'there is no bucket "lake"; create it', /^Create the bucket again/],
    [
      ...["mongodb", "connect ECONNREFUSED 10.0.0.1:27017"] as const,
      /^Start it at 10\.0\.0\.1:27017, or correct .* MONGODB_URI/,
    ],
    [
      "mongodb",
      "no usable MongoDB server at db1:27017 (connect ECONNREFUSED 10.0.0.1:27017), db2:27018 (x)",
      /^Start it at db1:27017, 10\.0\.0\.1:27017, db2:27018, or/,
    ],
    [
      "mongodb",
      "connection 5 to db1:27017 closed",
      /^See first whether it still runs at db1:27017, and .* log/,
    ],
    ["mongodb", "connection 5 to [::1]:27017 closed", /runs at \[::1\]:27017, /],
    ["mongodb", "read ECONNRESET", /^See first whether it still runs, where MONGODB_URI says,/],
    ["mongodb", "The server is in quiesce mode and will shut down [91]", /^See first whether it/],
    ["redis", "the connection is closed (redis://cache:6379)", /runs at cache:6379, /],
    ["redis", "tcp connect error: Connection refused", /^Start it, or correct .* REDIS_URL/],
    ["destination", "Connection refused", /S3_ENDPOINT/],
    ["mongodb", "getaddrinfo ENOTFOUND mongo1", /^Correct the name in MONGODB_URI/],
    ["destination", "failed to lookup address information", /^Correct the name in .*S3_ENDPOINT/],
    ["redis", "no answer within 5000 ms", /hangs/],
    ["mongodb", "no answer within 5s", /hangs/],
    [
      "mongodb",
      "Connection to db1:27017 interrupted due to server monitor timeout",
      /to db1:27017: it hangs/,
    ],
    ["redis", "connect ETIMEDOUT", /hangs/],
    ["destination", "TimeoutError, socket hang up (2 tries)", /hangs/],
  ];
  for (const [name, reason, step] of steps) assert.match(stepByReason(name, reason) ?? "", step);
});

Deno.test("stepByReason knows what the destination says of each fault of a directory", () => {
  const steps = {
    ...{ ENOSPC: /^Make room on the disk/, EDQUOT: /^Make room on the disk/ },
    ...{ EROFS: /^Mount it writable/, ESTALE: /^Mount it again/, ENOTCONN: /^Mount it again/ },
    EACCES: /may write there/,
  };
  for (const [code, step] of Object.entries(steps)) {
    const { message } = directoryError('write "a"', { code });
    assert.match(stepByReason("destination", message) ?? "", step, message);
  }
});

Deno.test("stepByReason says nothing of what it does not know", () => {
  for (const reason of [null, "", "AccessDenied", "status is 503", "12:30:05 is late"]) {
    assert.equal(stepByReason("destination", reason), undefined);
  }
  // No step leads to a command that says the same again.
  assert.doesNotMatch(stepByReason("mongodb", "connect ECONNREFUSED") ?? "", /check/);
  // What a database says of its own disk is not ours to mend.
  assert.equal(stepByReason("mongodb", "No space left on device"), undefined);
});
