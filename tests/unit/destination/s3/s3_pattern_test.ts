import assert from "node:assert/strict";
import { systemClock } from "../../../../src/support/clock.ts";
import { type S3Call, s3Refusal } from "../../../support/stand_in_s3.ts";
import { withStory } from "../open_stand_in.ts";

const BYTES = new Uint8Array([1, 2, 3]);

function ok(): Response {
  return new Response(null, { headers: { "content-length": "0", etag: '"1"' } });
}

/** What the SDK alone puts into a request. */
function isBySdk({ headers }: S3Call): boolean {
  return headers.has("amz-sdk-invocation-id");
}

Deno.test("a refusal because of the clock teaches the SDK the server's, also for what it does not send", async () => {
  const serverMs = systemClock.wallMs() + 3 * 3_600_000;
  const date = new Date(serverMs).toUTCString();
  const story = (_: S3Call, index: number) =>
    index === 0 ? s3Refusal(403, "RequestTimeTooSkewed", { date }) : ok();
  const first = (call: S3Call, index: number) => index === 0 ? ok() : story(call, index - 1);
  await withStory(first, async (destination, { calls }) => {
    await destination.putIfAbsent("first", BYTES);
    assert.equal(await destination.putIfAbsent("a", BYTES), "created");
    const said = calls.at(-1)!.headers.get("x-amz-date")!;
    const [, day, hour] = /^(\d{8})T(\d{2})/.exec(said)!;
    const expected = new Date(serverMs).toISOString();
    assert.equal(`${day}${hour}`, expected.slice(0, 13).replaceAll(/[-T]/g, ""));
  });
});

Deno.test("a first object that was refused is no pattern", async () => {
  const story = (_: S3Call, index: number) => index === 0 ? s3Refusal(503, "SlowDown") : ok();
  const calls = await withStory(story, async (destination) => {
    for (const key of ["a", "b"]) await destination.putIfAbsent(key, BYTES);
  });
  assert.deepEqual(calls.map(isBySdk), [true, true, false]);
});
