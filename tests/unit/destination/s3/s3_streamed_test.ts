import assert from "node:assert/strict";
import { ChecksumHabit } from "../../../../src/destination/s3/s3_checksums.ts";
import { S3Requests } from "../../../../src/destination/s3/s3_requests.ts";
import { putStreamed } from "../../../../src/destination/s3/s3_streamed.ts";
import {
  type S3Call,
  s3Refusal,
  type S3Story,
  s3Upload,
  StandInS3,
} from "../../../support/stand_in_s3.ts";
import { standInOptions, standInTools } from "../open_stand_in.ts";

async function* digits(fails = false) {
  for (const text of ["012", "3", "456789"]) {
    yield await Promise.resolve(new TextEncoder().encode(text));
  }
  if (fails) throw new Error("The chunks end here");
}

/** Uploads 10 bytes in parts of 4 to a server that answers some requests in a special way. */
async function upload(
  { special = () => undefined, exists = false, fails = false }: {
    readonly special?: (call: S3Call) => Response | undefined;
    readonly exists?: boolean;
    readonly fails?: boolean;
  },
): Promise<{ outcome: string; calls: S3Call[] }> {
  const story: S3Story = (call) => special(call) ?? s3Upload(call, () => "u");
  await using server = new StandInS3(story);
  const requests = new S3Requests("lake", standInOptions(server.url), standInTools());
  try {
    const place = {
      requests,
      action: { text: 'write "a"', permissions: "s3:PutObject" },
      input: { Bucket: "lake", Key: "a" },
      checksums: new ChecksumHabit(),
      partBytes: 4,
      exists: () => Promise.resolve(exists),
    };
    const outcome = await putStreamed(place, digits(fails)).catch((error) => String(error));
    return { outcome, calls: server.calls };
  } finally {
    requests.close();
  }
}

const isComplete = (call: S3Call) => call.method === "POST" && call.query.has("uploadId");
const isDiscard = (call: S3Call) => call.method === "DELETE";

Deno.test("putStreamed uploads parts of one size and completes them unless there is an object", async () => {
  const { outcome, calls } = await upload({});
  assert.equal(outcome, "created");
  const parts = calls.filter((call) => call.query.has("partNumber"));
  const sent = parts.map(({ query, body }) => [
    query.get("partNumber"),
    new TextDecoder().decode(body),
  ]);
  assert.deepEqual(sent.sort(), [["1", "0123"], ["2", "4567"], ["3", "89"]]);
  const complete = calls.find(isComplete)!;
  assert.equal(complete.headers.get("if-none-match"), "*");
  assert.match(new TextDecoder().decode(complete.body), /e1.*e2.*e3/s);
  assert.equal(calls.filter(isDiscard).length, 0);
});

Deno.test("putStreamed discards its parts where there is an object, and where its chunks fail", async () => {
  const refused = (call: S3Call) =>
    isComplete(call) ? s3Refusal(412, "PreconditionFailed") : undefined;
  const there = await upload({ special: refused, exists: true });
  assert.deepEqual([there.outcome, there.calls.filter(isDiscard).length], ["exists", 1]);
  const broken = await upload({ fails: true });
  assert.match(broken.outcome, /The chunks end here/);
  assert.deepEqual(
    [broken.calls.filter(isDiscard).length, broken.calls.filter(isComplete).length],
    [
      1,
      0,
    ],
  );
});

Deno.test("putStreamed asks to be called anew where another upload was under way", async () => {
  const conflict = (call: S3Call) =>
    isComplete(call) ? s3Refusal(409, "ConditionalRequestConflict") : undefined;
  const { outcome, calls } = await upload({ special: conflict });
  assert.match(outcome, /TransientError: Cannot write "a": another upload of it is under way/);
  assert.equal(calls.filter(isDiscard).length, 1);
});
