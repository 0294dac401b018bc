import assert from "node:assert/strict";
import { ChecksumHabit, crc32ToBase64 } from "../../../../src/destination/s3/s3_checksums.ts";
import { putInParts } from "../../../../src/destination/s3/s3_multipart.ts";
import { S3Requests } from "../../../../src/destination/s3/s3_requests.ts";
import { crc32Hex } from "../../../../src/support/bytes/crc32.ts";
import {
  type S3Call,
  s3Refusal,
  type S3Story,
  s3Upload,
  StandInS3,
} from "../../../support/stand_in_s3.ts";
import { standInOptions, standInTools } from "../open_stand_in.ts";

const BYTES = new TextEncoder().encode("0123456789");

/** Uploads 10 bytes in parts of 4 to a server that answers some requests in a special way. */
async function upload(
  special: (call: S3Call, index: number) => Response | undefined,
  exists = false,
): Promise<{ outcome: string; calls: S3Call[]; log: string[] }> {
  let uploads = 0;
  const story: S3Story = (call, index) =>
    special(call, index) ?? s3Upload(call, () => `u${++uploads}`);
  await using server = new StandInS3(story);
  const requests = new S3Requests("lake", standInOptions(server.url), standInTools());
  try {
    const outcome = await putInParts({
      requests,
      action: { text: 'write "a"', permissions: "s3:PutObject" },
      input: { Bucket: "lake", Key: "a", ContentType: "text/csv" },
      bytes: BYTES,
      crc32: crc32Hex(BYTES),
      checksums: new ChecksumHabit(),
      partBytes: 4,
      exists: () => Promise.resolve(exists),
    }).catch((error) => String(error));
    return { outcome, calls: server.calls, log: server.log };
  } finally {
    requests.close();
  }
}

function isComplete(call: S3Call): boolean {
  return call.method === "POST" && call.query.has("uploadId");
}

function uploadIdsDiscarded(calls: readonly S3Call[]): (string | null)[] {
  return calls.filter((call) => call.method === "DELETE").map((call) => call.query.get("uploadId"));
}

Deno.test("putInParts sends all parts and completes them in order, on condition", async () => {
  const { outcome, calls } = await upload(() => undefined);
  assert.equal(outcome, "created");
  assert.equal(calls[0]!.headers.get("content-type"), "text/csv");
  const parts = calls.filter((call) => call.query.has("partNumber"));
  const bodies = new Map(
    parts.map((c) => [c.query.get("partNumber"), new TextDecoder().decode(c.body)]),
  );
  assert.deepEqual([bodies.get("1"), bodies.get("2"), bodies.get("3")], ["0123", "4567", "89"]);
  const last = calls.at(-1)!;
  assert.equal(last.headers.get("if-none-match"), "*");
  const body = new TextDecoder().decode(last.body);
  assert.match(body, /e1.*<PartNumber>1<.*e2.*<PartNumber>2<.*e3.*<PartNumber>3</s);
  assert.deepEqual(uploadIdsDiscarded(calls), []);
});

Deno.test("putInParts begins a new upload after 409 on completing, and discards the first", async () => {
  let conflicts = 0;
  const { outcome, calls } = await upload((call) =>
    isComplete(call) && conflicts++ === 0 ? s3Refusal(409, "ConditionalRequestConflict") : undefined
  );
  assert.equal(outcome, "created");
  assert.deepEqual(uploadIdsDiscarded(calls), ["u1"]);
  assert.equal(calls.at(-1)!.query.get("uploadId"), "u2");
});

Deno.test("putInParts answers exists where 412 or NoSuchUpload finds the key taken", async () => {
  for (const [status, code] of [[412, "PreconditionFailed"], [404, "NoSuchUpload"]] as const) {
    const story = (call: S3Call) => isComplete(call) ? s3Refusal(status, code) : undefined;
    const { outcome, calls } = await upload(story, true);
    assert.equal(outcome, "exists");
    assert.deepEqual(uploadIdsDiscarded(calls), ["u1"]);
  }
});

Deno.test("putInParts begins anew where the upload is gone and the key is free", async () => {
  let gone = 0;
  const { outcome, calls } = await upload((call) =>
    isComplete(call) && gone++ === 0 ? s3Refusal(404, "NoSuchUpload") : undefined
  );
  assert.equal(outcome, "created");
  assert.equal(calls.filter((call) => call.query.has("uploads")).length, 2);
});

Deno.test("putInParts repeats a part that fails, and gives up only the upload that cannot be", async () => {
  let faults = 0;
  const passing = await upload((call) =>
    call.query.get("partNumber") === "2" && faults++ < 2 ? s3Refusal(503, "SlowDown") : undefined
  );
  assert.equal(passing.outcome, "created");
  const lasting = await upload((call) =>
    call.query.get("partNumber") === "2" ? s3Refusal(503, "SlowDown") : undefined
  );
  assert.match(lasting.outcome, /^TransientError: Cannot write "a": HTTP 503.*\(4 tries\)$/);
  assert.deepEqual(uploadIdsDiscarded(lasting.calls), ["u1"]);
  assert.equal(lasting.calls.filter((call) => call.query.get("partNumber") === "2").length, 4);
  assert.equal(lasting.calls.at(-1)!.method, "DELETE");
});

Deno.test("putInParts keeps the first fault where discarding fails too", async () => {
  const { outcome } = await upload((call) =>
    call.query.has("partNumber") || call.method === "DELETE"
      ? s3Refusal(403, "AccessDenied")
      : undefined
  );
  assert.match(outcome, /^PermanentError: Cannot write "a": access to bucket "lake" was refused/);
});

function crc32Of(text: string): string {
  return crc32ToBase64(crc32Hex(new TextEncoder().encode(text)));
}

Deno.test("putInParts sends the checksum of each part, and of all where the store knows what that is", async () => {
  for (const isKnown of [true, false]) {
    const { calls } = await upload((call) =>
      call.query.has("uploads")
        ? new Response(
          "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>",
          { headers: isKnown ? { "x-amz-checksum-type": "FULL_OBJECT" } : {} },
        )
        : undefined
    );
    assert.equal(calls[0]!.headers.get("x-amz-checksum-algorithm"), "CRC32");
    assert.equal(calls[0]!.headers.get("x-amz-checksum-type"), "FULL_OBJECT");
    const sent = calls.filter((call) => call.query.has("partNumber"))
      .map((c) => [c.query.get("partNumber"), c.headers.get("x-amz-checksum-crc32")]);
    assert.deepEqual(sent.sort(), [
      ["1", crc32Of("0123")],
      ["2", crc32Of("4567")],
      ["3", crc32Of("89")],
    ]);
    const last = calls.at(-1)!;
    const whole = [
      last.headers.get("x-amz-checksum-type"),
      last.headers.get("x-amz-checksum-crc32"),
    ];
    assert.deepEqual(whole, isKnown ? ["FULL_OBJECT", crc32Of("0123456789")] : [null, null]);
    assert.ok(new TextDecoder().decode(last.body).includes(crc32Of("4567")));
  }
});

Deno.test("putInParts begins anew where parts arrived damaged", async () => {
  for (const code of ["BadDigest", "InvalidPart", "XAmzContentChecksumMismatch"]) {
    let damaged = 0;
    const { outcome, calls } = await upload((call) =>
      isComplete(call) && damaged++ === 0 ? s3Refusal(400, code) : undefined
    );
    assert.equal(outcome, "created");
    assert.deepEqual(uploadIdsDiscarded(calls), ["u1"]);
  }
});

Deno.test("putInParts uploads everything without checksums where one is refused", async () => {
  const { outcome, calls } = await upload((call) =>
    call.query.has("partNumber") && call.headers.has("x-amz-checksum-crc32")
      ? s3Refusal(501, "NotImplemented")
      : undefined
  );
  assert.equal(outcome, "created");
  assert.deepEqual(uploadIdsDiscarded(calls), ["u1"]);
  assert.equal(calls.at(-1)!.headers.get("x-amz-checksum-crc32"), null);
  assert.ok(!new TextDecoder().decode(calls.at(-1)!.body).includes("Checksum"));
});
