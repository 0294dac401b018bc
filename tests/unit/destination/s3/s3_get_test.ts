import assert from "node:assert/strict";
import { type S3Call, s3Refusal } from "../../../support/stand_in_s3.ts";
import { withStory } from "../open_stand_in.ts";

const ODD_KEY = "db=a b/coll=it's (1)*!+&é~/x.parquet";
const BYTES = new Uint8Array([1, 2, 3, 4, 5]);

/** What the SDK alone puts into a request. */
function isBySdk({ headers }: S3Call): boolean {
  return headers.has("amz-sdk-invocation-id");
}

function whole(): Response {
  return new Response(BYTES);
}

Deno.test("the second object, and the second range of one, is read as the SDK has read the first, without it", async () => {
  const story = ({ headers }: S3Call) =>
    headers.has("range") ? new Response(BYTES.subarray(1, 3), { status: 206 }) : whole();
  const calls = await withStory(story, async (destination) => {
    for (const key of ["a/1", ODD_KEY]) {
      assert.deepEqual(await destination.get(key), BYTES);
      assert.deepEqual(await destination.get(key, { start: 1, end: 3 }), BYTES.subarray(1, 3));
    }
    assert.deepEqual(await destination.get("a/1", { start: 0, end: 9 }), BYTES.subarray(1, 3));
  });
  assert.deepEqual(calls.map(isBySdk), [true, true, false, false, false]);
  assert.deepEqual(calls.map(({ headers }) => headers.get("range")), [
    ...[null, "bytes=1-2", null, "bytes=1-2", "bytes=0-8"],
  ]);
  for (const [first, second] of [[0, 2], [1, 3]] as const) {
    const names = ({ headers }: S3Call) =>
      [...headers.keys()].filter((name) => !name.startsWith("amz-sdk-"));
    assert.deepEqual(names(calls[second]!), names(calls[first]!));
    assert.equal(calls[second]!.path, `/lake/p/${ODD_KEY}`);
    assert.notEqual(
      calls[second]!.headers.get("authorization"),
      calls[first]!.headers.get("authorization"),
    );
  }
});

Deno.test("an answer without an object means what the SDK makes of it, and is asked for once", async () => {
  const cases: [() => Response, Uint8Array | undefined | RegExp, number][] = [
    [() => s3Refusal(404, "NoSuchKey"), undefined, 1],
    [() => s3Refusal(416, "InvalidRange"), new Uint8Array(0), 1],
    [() => s3Refusal(403, "AccessDenied"), /HTTP 403, AccessDenied, This is AccessDenied/, 1],
    [() => s3Refusal(503, "SlowDown"), /HTTP 503, SlowDown.*\(4 tries\)/, 4],
    [() => new Response(new Uint8Array(0)), new Uint8Array(0), 1],
  ];
  for (const [answer, expected, requests] of cases) {
    const story = (_: S3Call, index: number) => index === 0 ? whole() : answer();
    const calls = await withStory(story, async (destination) => {
      await destination.get("first");
      const got = destination.get("a");
      if (expected instanceof RegExp) await assert.rejects(got, expected);
      else assert.deepEqual(await got, expected);
    });
    assert.equal(calls.length, 1 + requests, String(expected));
    assert.ok(!calls.slice(1).some(isBySdk));
  }
});

Deno.test("an object that breaks off is read again", async () => {
  const broken = () =>
    new Response(
      new ReadableStream({
        start(to) {
          to.enqueue(BYTES.subarray(0, 2));
          to.error(new Error("gone"));
        },
      }),
      { headers: { "content-length": "5" } },
    );
  const story = (_: S3Call, index: number) => index === 1 ? broken() : whole();
  const calls = await withStory(story, async (destination) => {
    await destination.get("first");
    assert.deepEqual(await destination.get("a"), BYTES);
  });
  assert.equal(calls.length, 3);
});
