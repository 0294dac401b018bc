import assert from "node:assert/strict";
import { S3SharedObjects } from "../../../../src/destination/s3/s3_shared_objects.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { systemRandom } from "../../../../src/support/random.ts";
import { s3Refusal, type S3Story, StandInS3 } from "../../../support/stand_in_s3.ts";

async function withServer(
  story: S3Story,
  use: (objects: S3SharedObjects, server: StandInS3) => Promise<void>,
  requestMsMax = 60_000,
): Promise<void> {
  await using server = new StandInS3(story);
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const s3 = { endpoint: server.url, forcePathStyle: true, credentials, acl: "private" as const };
  const options = { bucket: "lake", folder: "shop/_tributary/fleet/p/", s3, requestMsMax };
  const objects = new S3SharedObjects(options, { clock: systemClock, random: systemRandom });
  try {
    await use(objects, server);
  } finally {
    await objects.close();
  }
}

const written = (headers: Record<string, string> = {}) =>
  new Response(null, { headers: { etag: '"new"', ...headers } });

Deno.test("objects are created and replaced under a condition, with checksum and settings of the lake's", async () => {
  await withServer(() => written(), async (objects, server) => {
    assert.equal(await objects.create("division", "text"), '"new"');
    assert.equal(await objects.replace("division", "text", '"old"'), '"new"');
    const { calls } = server;
    assert.deepEqual(server.log, [
      "PUT /lake/shop/_tributary/fleet/p/division",
      "PUT /lake/shop/_tributary/fleet/p/division",
    ]);
    const header = (name: string) => calls.map(({ headers }) => headers.get(name));
    assert.deepEqual(header("if-none-match"), ["*", null]);
    assert.deepEqual(header("if-match"), [null, '"old"']);
    assert.deepEqual(header("x-amz-acl"), ["private", "private"]);
    assert(header("x-amz-checksum-crc32").every((each) => each !== null));
    assert.equal(objects.keepsVersions, false);
  });
});

Deno.test("a condition that does not hold, another write at the same time, and no object are answers", async () => {
  const refusals = [
    s3Refusal(412, "PreconditionFailed"),
    s3Refusal(409, "ConditionalRequestConflict"),
    s3Refusal(404, "NoSuchKey"),
  ];
  await withServer((_, index) => refusals[index]!, async (objects) => {
    for (const _ of refusals) {
      assert.equal(await objects.replace("division", "x", '"e"'), undefined);
    }
  });
  await withServer(() => s3Refusal(404, "NoSuchBucket"), async (objects) => {
    await assert.rejects(objects.replace("division", "x", '"e"'), /bucket "lake"/);
  });
});

Deno.test("a version is read with its ETag, unless it is the known one", async () => {
  const story: S3Story = ({ headers }) =>
    headers.get("if-none-match") === '"e"'
      ? new Response(null, { status: 304 })
      : new Response("text", { headers: { etag: '"e"' } });
  await withServer(story, async (objects) => {
    assert.deepEqual(await objects.get("division"), { text: "text", etag: '"e"' });
    assert.equal(await objects.get("division", '"e"'), "unchanged");
  });
  await withServer(() => s3Refusal(404, "NoSuchKey"), async (objects) => {
    assert.equal(await objects.get("division"), undefined);
  });
});

Deno.test("a list has the ETags of all its pages", async () => {
  const page = (names: readonly string[], more: string) =>
    new Response(
      `<?xml version="1.0"?><ListBucketResult>${more}${
        names.map((name) =>
          `<Contents><Key>shop/_tributary/fleet/p/${name}</Key><ETag>"${name}"</ETag>` +
          "<LastModified>2026-11-21T00:00:00.000Z</LastModified></Contents>"
        ).join("")
      }</ListBucketResult>`,
      { headers: { "content-type": "application/xml" } },
    );
  const story: S3Story = ({ query }) =>
    query.has("continuation-token")
      ? page(["members/2"], "<IsTruncated>false</IsTruncated>")
      : page(
        ["members/1"],
        "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>",
      );
  await withServer(story, async (objects, { calls }) => {
    const listed = await objects.list("members/");
    assert.deepEqual([...listed].map(([key, { etag }]) => [key, etag]), [
      ["members/1", '"members/1"'],
      ["members/2", '"members/2"'],
    ]);
    assert.equal(calls[0]!.query.get("prefix"), "shop/_tributary/fleet/p/members/");
  });
});

Deno.test("a request is tried once, and given up in time", async () => {
  await withServer(() => s3Refusal(503, "SlowDown"), async (objects, { calls }) => {
    await assert.rejects(objects.get("division"));
    assert.equal(calls.length, 1);
  });
  const never = Promise.withResolvers<Response>();
  const slow = async (objects: S3SharedObjects) => {
    await assert.rejects(objects.create("division", "x"), /no answer in 0\.05 s/);
    never.resolve(written());
  };
  await withServer(() => never.promise, slow, 50);
});

Deno.test("a bucket that keeps versions is noticed", async () => {
  await withServer(() => written({ "x-amz-version-id": "v1" }), async (objects) => {
    await objects.create("probe", "x");
    assert.equal(objects.keepsVersions, true);
  });
});

Deno.test("ages are by the store's own clock", async () => {
  const list = `<ListBucketResult><IsTruncated>false</IsTruncated><Contents>
    <Key>shop/_tributary/fleet/p/members/000001</Key><ETag>"e"</ETag>
    <LastModified>2001-02-03T04:05:06.000Z</LastModified></Contents></ListBucketResult>`;
  const headers = { date: "Sat, 03 Feb 2001 04:05:16 GMT" };
  await withServer(() => new Response(list, { headers }), async (objects) => {
    const listed = await objects.list("members/");
    assert.deepEqual([...listed], [["members/000001", { etag: '"e"', ageMs: 10_000 }]]);
  });
});
