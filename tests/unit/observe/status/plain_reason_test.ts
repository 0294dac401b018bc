import assert from "node:assert/strict";
import { plainReason, steadyReason } from "../../../../src/observe/status/plain_reason.ts";

Deno.test("plainReason leaves out which call it was, and keeps where it went", () => {
  const call = (command: string, rest: string) =>
    plainReason(`Cannot call ${command} on redis://cache:6379: ${rest}`);
  assert.equal(
    call("PING", "connect ECONNREFUSED 10.0.0.1:6379"),
    "connect ECONNREFUSED 10.0.0.1:6379",
  );
  assert.equal(call("EVAL", "no answer within 5s"), "no answer within 5s (redis://cache:6379)");
  assert.equal(call("EVAL", "no answer within 5s"), call("PING", "no answer within 5s"));
  assert.equal(plainReason("Cannot write a: full"), "Cannot write a: full");
});

Deno.test("steadyReason keeps what says more", () => {
  const refused = "connect ECONNREFUSED 10.0.0.1:6379";
  for (
    const vague of ["no answer within 5s", "the connection is closed", "connection 3 to h:1 closed"]
  ) {
    assert.equal(steadyReason("redis", refused, vague), refused);
    assert.equal(steadyReason("redis", vague, refused), refused);
    assert.equal(steadyReason("redis", undefined, vague), vague);
    assert.equal(steadyReason("redis", "there is no connection", vague), "there is no connection");
  }
  const monitor = "Connection to db1:27017 interrupted due to server monitor timeout";
  assert.equal(
    steadyReason("mongodb", "no answer within 3s (db1)", monitor),
    "no answer within 3s (db1)",
  );
  assert.equal(steadyReason("redis", refused, "READONLY a replica"), "READONLY a replica");
  assert.equal(steadyReason("redis", refused, undefined), undefined);
});

Deno.test("steadyReason keeps the first of reasons that say the same of different calls", () => {
  const first = "Cannot list layout/*: Connection refused (127.0.0.1:9000)";
  const later = 'Cannot write object "a.txt": connect ECONNREFUSED 127.0.0.1:9000 (2 tries)';
  assert.equal(steadyReason("destination", first, later), first);
  const full = 'Cannot write object "a.txt": no space left on device';
  assert.equal(steadyReason("destination", first, full), full);
  assert.equal(steadyReason("destination", "status is 503", "status is 500"), "status is 500");
});
