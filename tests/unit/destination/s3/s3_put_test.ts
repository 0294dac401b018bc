import assert from "node:assert/strict";
import type { S3Destination } from "../../../../src/destination/s3/s3.ts";
import { type S3Call, s3Refusal } from "../../../support/stand_in_s3.ts";
import { withStory } from "../open_stand_in.ts";

const ODD_KEY = "db=a b/coll=it's (1)*!+&é~/x.parquet";

function bytesOf(length: number): Uint8Array {
  return new Uint8Array(length).map((_, i) => i);
}

function ok(): Response {
  return new Response(null, { headers: { "content-length": "0", etag: '"1"' } });
}

/** What the SDK alone puts into a request. */
function isBySdk({ headers }: S3Call): boolean {
  return headers.has("amz-sdk-invocation-id");
}

/** What is the same in all requests for one kind of object, and by which names the rest goes. */
function commonPart({ headers }: S3Call) {
  const own = /^(amz-sdk-.*|authorization|x-amz-date|x-amz-content-sha256|content-length)$/;
  const ofSdk = /^amz-sdk-/;
  const all = [...headers];
  return {
    same: all.filter(([name]) => !own.test(name) && name !== "x-amz-checksum-crc32"),
    names: all.map(([name]) => name).filter((name) => !ofSdk.test(name)),
  };
}

Deno.test("the second object of a kind goes as the SDK has sent the first, without it", async () => {
  const s3 = { encryption: "AES256", storageClass: "GLACIER_IR", acl: "private" } as const;
  const calls = await withStory(ok, async (destination) => {
    for (const contentType of [undefined, "text/csv"]) {
      for (const key of ["a/1", ODD_KEY]) {
        const options = contentType === undefined ? {} : { contentType };
        const bytes = bytesOf(key.length);
        assert.equal(await destination.putIfAbsent(key, bytes, options), "created");
      }
    }
    await destination.putIfAbsent("_tributary/record", bytesOf(3));
  }, s3);
  assert.deepEqual(calls.map(isBySdk), [true, false, true, false, true]);
  for (const [first, second] of [[0, 1], [2, 3]] as const) {
    assert.deepEqual(commonPart(calls[second]!), commonPart(calls[first]!));
    const { path, body, headers } = calls[second]!;
    assert.equal(path, `/lake/p/${ODD_KEY}`);
    assert.deepEqual(body, bytesOf(ODD_KEY.length));
    assert.equal(headers.get("content-length"), String(ODD_KEY.length));
    assert.notEqual(headers.get("authorization"), calls[first]!.headers.get("authorization"));
    assert.match(headers.get("authorization")!, /SignedHeaders=[^,]*if-none-match;[^,]*checksum/);
  }
  assert.deepEqual(calls.map(({ headers }) => headers.get("x-amz-storage-class")), [
    ...["GLACIER_IR", "GLACIER_IR", "GLACIER_IR", "GLACIER_IR"],
    null,
  ]);
});

/** A destination that has put an object, and so knows how. */
async function withPattern(
  story: (call: S3Call, index: number) => Response,
  check: (destination: S3Destination, calls: readonly S3Call[]) => Promise<void>,
): Promise<void> {
  await withStory(
    (call, index) => index === 0 ? ok() : story(call, index - 1),
    async (s3, server) => {
      await s3.putIfAbsent("first", bytesOf(1));
      await check(s3, server.calls);
    },
  );
}

Deno.test("an answer that is no success means what the SDK makes of it, and is asked for once", async () => {
  const failed = "<Error><Code>InternalError</Code><Message>Again.</Message></Error>";
  const cases: [(call: S3Call) => Response, string | RegExp, number][] = [
    [() => s3Refusal(412, "PreconditionFailed"), "exists", 1],
    [() => s3Refusal(403, "AccessDenied"), /HTTP 403, AccessDenied, This is AccessDenied/, 1],
    [() => new Response("<html>", { status: 405 }), /does not allow the request \(HTTP 405/, 1],
    [() => s3Refusal(503, "SlowDown"), /HTTP 503, SlowDown.*\(4 tries\)/, 4],
    // A failure that was found too late for the status.
    [() => new Response(failed), /InternalError.*\(4 tries\)/, 4],
    [() => new Response("text"), "created", 1],
  ];
  for (const [story, expected, requests] of cases) {
    await withPattern(story, async (destination, calls) => {
      const put = destination.putIfAbsent("a", bytesOf(5));
      if (typeof expected === "string") assert.equal(await put, expected);
      else await assert.rejects(put, expected);
      assert.equal(calls.length, 1 + requests, String(expected));
      assert.ok(!calls.slice(1).some(isBySdk));
    });
  }
});
