import assert from "node:assert/strict";
import { checkDestination, PROBE_KEY } from "../../../../src/destination/probe.ts";
import { crc32Hex } from "../../../../src/support/bytes/crc32.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";
import {
  type S3Call,
  s3Refusal,
  type S3Story,
  s3UploadBegun,
  s3UploadComplete,
  s3Xml,
} from "../../../support/stand_in_s3.ts";
import { withStory } from "../open_stand_in.ts";

const LARGE = new Uint8Array(64 * 1024 ** 2 + 1);

interface Store {
  readonly objects: Map<string, Uint8Array>;
  /** Uploads that were begun and neither completed nor discarded. */
  readonly open: Set<string>;
  readonly story: S3Story;
}

/** A store that keeps objects by path, and treats completing an upload over an object as `complete` says. */
function store(complete: "keeps" | "replaces" | Response): Store {
  const objects = new Map<string, Uint8Array>();
  const parts = new Map<string, Uint8Array>();
  const open = new Set<string>();
  let uploads = 0;
  const story = (call: S3Call): Response => {
    const { method, path, query, body } = call;
    const id = query.get("uploadId");
    if (query.has("uploads")) {
      open.add(`u${++uploads}`);
      return s3UploadBegun(`u${uploads}`);
    }
    if (id !== null && method === "PUT") {
      parts.set(id, body);
      return new Response(null, { headers: { etag: '"1"' } });
    }
    if (id !== null && method === "DELETE") {
      open.delete(id);
      return new Response(null, { status: 204 });
    }
    if (id !== null) {
      if (complete instanceof Response) return complete.clone();
      if (complete === "keeps" && objects.has(path)) return s3Refusal(412, "PreconditionFailed");
      objects.set(path, parts.get(id)!);
      open.delete(id);
      return s3UploadComplete();
    }
    if (query.has("list-type")) {
      const folder = query.has("delimiter");
      const found = folder
        ? "<CommonPrefixes><Prefix>p/_tributary/probe/</Prefix></CommonPrefixes>"
        : `<Contents><Key>p/${PROBE_KEY}</Key></Contents>`;
      return s3Xml(`<ListBucketResult>${found}</ListBucketResult>`);
    }
    const known = objects.get(path);
    if (method === "PUT") {
      if (known !== undefined) return s3Refusal(412, "PreconditionFailed");
      objects.set(path, body);
      return new Response(null, { headers: { etag: '"1"' } });
    }
    if (known === undefined) return s3Refusal(404, "NoSuchKey");
    if (method === "HEAD") {
      return new Response(null, { headers: { "content-length": String(known.length) } });
    }
    const tail = call.headers.get("range") === "bytes=-5" ? known.slice(-5) : known.slice();
    return new Response(tail as Uint8Array<ArrayBuffer>);
  };
  return { objects, open, story };
}

Deno.test("a probe finds uploads in parts that keep what is there, and leaves none behind", async () => {
  const { story, open, objects } = store("keeps");
  await withStory(story, async (destination, server) => {
    const findings = await checkDestination(destination, new SeededRandom(1));
    assert.deepEqual(findings.map(({ state }) => state), ["ok"]);
    assert.ok(server.log.some((line) => line.includes("uploadId")));
    assert.deepEqual([open.size, objects.size], [0, 1]);
    assert.equal(await destination.putIfAbsent("large", LARGE), "created");
    assert.equal(server.calls.filter((call) => call.query.has("uploads")).length, 2);
  });
});

Deno.test("a store that replaces objects by uploads in parts is written to by one PUT each, and check says so", async () => {
  const answers = [
    "replaces",
    s3Refusal(501, "NotImplemented"),
    s3Refusal(400, "InvalidArgument"),
  ] as const;
  for (const answer of answers) {
    const { story, open, objects } = store(answer);
    await withStory(story, async (destination, server) => {
      const findings = await checkDestination(destination, new SeededRandom(1));
      const probe = crc32Hex(objects.get(`/lake/p/${PROBE_KEY}`)!);
      assert.deepEqual(findings.map(({ subject, state }) => [subject, state]), [
        ["Destination", "ok"],
        ["Large objects", "warning"],
      ]);
      const before = server.calls.length;
      assert.equal(await destination.putIfAbsent("large", LARGE), "created");
      assert.deepEqual(server.log.slice(before), ["PUT /lake/p/large"]);
      assert.equal(await destination.putIfAbsent("large", LARGE), "exists");
      assert.equal(crc32Hex(objects.get(`/lake/p/${PROBE_KEY}`)!), probe);
      assert.equal(open.size, 0);
    });
  }
});

Deno.test("a destination that was not probed tries before its first large object", async () => {
  for (const answer of ["keeps", "replaces"] as const) {
    const { story, objects } = store(answer);
    objects.set(`/lake/p/${PROBE_KEY}`, new TextEncoder().encode("from an earlier start"));
    await withStory(story, async (destination, server) => {
      await destination.putIfAbsent("large", LARGE);
      const inParts = server.calls.some((call) =>
        call.query.has("partNumber") && call.path === "/lake/p/large"
      );
      assert.equal(inParts, answer === "keeps");
    });
  }
});

Deno.test("rights that are missing for uploads in parts are no sign of how they work", async () => {
  const { story } = store(s3Refusal(403, "AccessDenied"));
  await withStory(story, async (destination) => {
    await assert.rejects(checkDestination(destination, new SeededRandom(1)), /s3:PutObject/);
  });
});
