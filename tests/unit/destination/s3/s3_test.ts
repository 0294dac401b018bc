import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { PermanentError, TransientError } from "../../../../src/model/errors.ts";
import { PROBE_KEY } from "../../../../src/destination/probe.ts";
import { openS3 } from "../../../../src/destination/s3/s3.ts";
import { crc32Hex } from "../../../../src/support/bytes/crc32.ts";
import { type LogFields, silentLog } from "../../../../src/support/log.ts";
import { FaultProxy } from "../../../support/fault_proxy.ts";
import {
  type S3Call,
  s3Refusal,
  s3Upload,
  s3Xml,
  StandInS3,
} from "../../../support/stand_in_s3.ts";
import { standInOptions, standInTools, withStory } from "../open_stand_in.ts";

const BYTES = new TextEncoder().encode("some events");

/** Of `BYTES`. */
const CRC32 = crc32Hex(BYTES);
const CRC32_BASE64 = Buffer.from(CRC32, "hex").toString("base64");

/** More than goes by one PUT. */
const LARGE = new Uint8Array(64 * 1024 ** 2 + 1);

/** Everything in a request that is about checksums, but for the signature's own. */
function checksumHeaders({ headers }: S3Call): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => /checksum|md5/.test(name)));
}

/** A store that takes everything, and has the object that a probe leaves. */
function uploads(call: S3Call): Response {
  if (call.path === `/lake/p/${PROBE_KEY}`) {
    if (call.method === "GET") return new Response("probed");
    if (call.method === "POST" && call.query.has("uploadId")) {
      return s3Refusal(412, "PreconditionFailed");
    }
  }
  return call.method === "POST" ? s3Upload(call, () => "u") : ok();
}

function ok(): Response {
  return new Response(null, { headers: { etag: '"1"' } });
}

Deno.test("openS3 refuses what is no bucket, prefix or endpoint", () => {
  const options = standInOptions("http://127.0.0.1:1");
  for (
    const url of ["s3://", "s3:///a", "s3:bucket", "s3://a b/c", "s3://lake/a//b", "s3://lake/.."]
  ) {
    assert.throws(() => openS3(url, options, standInTools()), PermanentError, url);
  }
  const odd = standInOptions("s3.example.org");
  assert.throws(() => openS3("s3://lake", odd, standInTools()), /must be a URL/);
});

Deno.test("openS3 keeps the prefix without slashes around it", async () => {
  for (const url of ["s3://lake/p/q", "s3://lake//p/q/"]) {
    const destination = openS3(url, standInOptions("http://127.0.0.1:1"), standInTools());
    assert.equal(destination.url, "s3://lake/p/q");
    await destination.close();
  }
});

Deno.test("putIfAbsent sends the condition, the length, the type and the checksum", async () => {
  const [call] = await withStory(ok, async (destination) => {
    const answer = await destination.putIfAbsent("a/1", BYTES, { contentType: "text/csv" });
    assert.equal(answer, "created");
  });
  assert.equal(`${call!.method} ${call!.path}`, "PUT /lake/p/a/1");
  assert.equal(call!.headers.get("if-none-match"), "*");
  assert.equal(call!.headers.get("content-length"), String(BYTES.length));
  assert.equal(call!.headers.get("content-type"), "text/csv");
  assert.match(call!.headers.get("x-amz-content-sha256") ?? "", /^[0-9a-f]{64}$/);
  assert.deepEqual(checksumHeaders(call!), { "x-amz-checksum-crc32": CRC32_BASE64 });
  assert.equal(call!.headers.get("expect"), null);
  assert.deepEqual(call!.body, BYTES);
});

Deno.test("putIfAbsent takes the checksum that the caller knows", async () => {
  const [call] = await withStory(ok, async (destination) => {
    await destination.putIfAbsent("a", BYTES, { crc32: "00000001" });
  });
  assert.deepEqual(checksumHeaders(call!), { "x-amz-checksum-crc32": "AAAAAQ==" });
});

Deno.test("putIfAbsent writes to a bucket that takes no object without a checksum, large ones too", async () => {
  const demanding = (call: S3Call) => {
    const isBody = call.method === "PUT";
    if (isBody && call.headers.get("x-amz-checksum-crc32") === null) {
      return s3Refusal(400, "InvalidRequest");
    }
    return uploads(call);
  };
  await withStory(demanding, async (destination) => {
    assert.equal(await destination.putIfAbsent("a", BYTES), "created");
    assert.equal(await destination.putIfAbsent("b", LARGE), "created");
  });
});

Deno.test("putIfAbsent leaves checksums out where the store does not know them, and says so once", async () => {
  for (const [status, code] of [[501, "NotImplemented"], [400, "InvalidArgument"]] as const) {
    const said: unknown[] = [];
    const log = {
      ...silentLog,
      warn: (line: string, fields?: LogFields) => void said.push([line, fields]),
    };
    const calls = await withStory(
      (call) =>
        Object.keys(checksumHeaders(call)).length > 0
          ? call.method === "HEAD" ? new Response(null, { status }) : s3Refusal(status, code)
          : uploads(call),
      async (destination) => {
        for (const key of ["a", "b"]) {
          assert.equal(await destination.putIfAbsent(key, BYTES), "created");
          assert.equal(await destination.putIfAbsent(key, LARGE), "created");
          assert.deepEqual(await destination.head(key), { bytes: 0 });
        }
      },
      {},
      log,
    );
    const line = "The destination does not take checksums; they are left out";
    assert.deepEqual(said, [[line, { objects: "small" }], [line, { objects: "large" }]]);
    const withChecksums = calls.filter((call) => Object.keys(checksumHeaders(call)).length > 0);
    assert.deepEqual(withChecksums.map((call) => call.method), ["PUT", "POST", "HEAD"]);
  }
});

Deno.test("putIfAbsent keeps to checksums once one was taken, and to the first refusal where both are refused", async () => {
  const calls = await withStory(
    (_, index) => index === 0 ? ok() : s3Refusal(400, "InvalidArgument"),
    async (destination) => {
      await destination.putIfAbsent("a", BYTES);
      await assert.rejects(destination.putIfAbsent("b", BYTES), /InvalidArgument/);
    },
  );
  assert.equal(calls.length, 2);
  await withStory(
    (call) => s3Refusal(400, call.headers.has("x-amz-checksum-crc32") ? "FirstOne" : "SecondOne"),
    async (destination) => {
      await assert.rejects(destination.putIfAbsent("b", BYTES), /FirstOne/);
    },
  );
});

Deno.test("putIfAbsent sends again what has arrived otherwise", async () => {
  for (const code of ["BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"]) {
    const calls = await withStory(
      (_, index) => index === 0 ? s3Refusal(400, code) : ok(),
      async (destination) => assert.equal(await destination.putIfAbsent("a", BYTES), "created"),
    );
    assert.deepEqual(calls.map(checksumHeaders), [
      { "x-amz-checksum-crc32": CRC32_BASE64 },
      { "x-amz-checksum-crc32": CRC32_BASE64 },
    ]);
  }
});

Deno.test("head tells the checksum of the whole object, and of nothing less", async () => {
  const cases: [Record<string, string>, { crc32?: string }][] = [
    [{ "x-amz-checksum-crc32": CRC32_BASE64 }, { crc32: CRC32 }],
    [{ "x-amz-checksum-crc32": CRC32_BASE64, "x-amz-checksum-type": "FULL_OBJECT" }, {
      crc32: CRC32,
    }],
    [{ "x-amz-checksum-crc32": CRC32_BASE64, "x-amz-checksum-type": "COMPOSITE" }, {}],
    [{ "x-amz-checksum-crc32": `${CRC32_BASE64}-2` }, {}],
    [{ "x-amz-checksum-crc64nvme": "AAAAAAAAAAA=" }, {}],
    [{}, {}],
  ];
  for (const [headers, told] of cases) {
    const calls = await withStory(
      () => new Response(null, { headers: { ...headers, "content-length": "11" } }),
      async (destination) => {
        assert.deepEqual(await destination.head("a"), { bytes: 11, ...told });
      },
    );
    assert.equal(calls[0]!.headers.get("x-amz-checksum-mode"), "ENABLED");
  }
});

Deno.test("putIfAbsent sends encryption, ACL and, for data, the storage class", async () => {
  const [data, record] = await withStory(ok, async (destination) => {
    await destination.putIfAbsent("a/1", BYTES);
    await destination.putIfAbsent("_tributary/streams/s/0.json", BYTES);
  }, {
    encryption: "aws:kms",
    kmsKeyId: "key-1",
    storageClass: "GLACIER_IR",
    acl: "bucket-owner-full-control",
  });
  assert.equal(data!.headers.get("x-amz-storage-class"), "GLACIER_IR");
  assert.equal(record!.headers.get("x-amz-storage-class"), null);
  for (const call of [data!, record!]) {
    assert.equal(call.headers.get("x-amz-server-side-encryption"), "aws:kms");
    assert.equal(call.headers.get("x-amz-server-side-encryption-aws-kms-key-id"), "key-1");
    assert.equal(call.headers.get("x-amz-acl"), "bucket-owner-full-control");
  }
});

Deno.test("putIfAbsent takes 412 for exists", async () => {
  const calls = await withStory(() => s3Refusal(412, "PreconditionFailed"), async (destination) => {
    assert.equal(await destination.putIfAbsent("a", BYTES), "exists");
  });
  assert.equal(calls.length, 1);
});

Deno.test("putIfAbsent asks again after 409, 503, 500, throttling and a skewed clock", async () => {
  const passing: [number, string][] = [
    [409, "ConditionalRequestConflict"],
    [503, "SlowDown"],
    [500, "InternalError"],
    [429, "TooManyRequests"],
    [400, "RequestTimeout"],
    [403, "RequestTimeTooSkewed"],
  ];
  for (const [status, code] of passing) {
    const calls = await withStory(
      (_, index) => index < 2 ? s3Refusal(status, code) : ok(),
      async (destination) => assert.equal(await destination.putIfAbsent("a", BYTES), "created"),
    );
    assert.equal(calls.length, 3, code);
    assert.deepEqual(calls[2]!.body, BYTES);
  }
});

Deno.test("putIfAbsent gives up after as many retries as are allowed", async () => {
  const calls = await withStory(() => s3Refusal(503, "SlowDown"), async (destination) => {
    await assert.rejects(destination.putIfAbsent("a", BYTES), (error) => {
      assert.ok(error instanceof TransientError);
      assert.match(
        error.message,
        /write object "p\/a" in bucket "lake": HTTP 503, SlowDown.*4 tries/,
      );
      return true;
    });
  });
  assert.equal(calls.length, 4);
});

Deno.test("putIfAbsent stops at once, in one sentence, at what only a person can change", async () => {
  const cases: [() => Response, RegExp, number?][] = [
    [
      () => s3Refusal(403, "AccessDenied"),
      /access to bucket "lake" was refused.*allow s3:PutObject/,
    ],
    [() => s3Refusal(404, "NoSuchBucket"), /there is no bucket "lake"/],
    [() => s3Refusal(403, "InvalidAccessKeyId"), /does not know the access key/],
    [() => s3Refusal(403, "SignatureDoesNotMatch"), /secret key is wrong/],
    [() => s3Refusal(501, "NotImplemented"), /does not support.*If-None-Match/, 2],
    [
      () => s3Refusal(301, "PermanentRedirect", { "x-amz-bucket-region": "eu-west-1" }),
      /not in region us-east-1 but in eu-west-1; set AWS_REGION=eu-west-1/,
    ],
  ];
  // Without checksums it might have been taken.
  for (const [response, message, tries = 1] of cases) {
    const calls = await withStory(response, async (destination) => {
      await assert.rejects(destination.putIfAbsent("a", BYTES), (error) => {
        assert.ok(error instanceof PermanentError);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /stand-in-secret/);
        return true;
      });
    });
    assert.equal(calls.length, tries, String(message));
  }
});

Deno.test("putIfAbsent looks for a large object before it sends it again", async () => {
  const large = new Uint8Array(300_000);
  await withStory(
    (call) => call.method === "HEAD" ? ok() : s3Refusal(503, "SlowDown"),
    async (destination, server) => {
      assert.equal(await destination.putIfAbsent("a", large), "exists");
      assert.deepEqual(server.log, ["PUT /lake/p/a", "HEAD /lake/p/a"]);
    },
  );
});

Deno.test("putIfAbsent uploads over 64 MiB in parts, with the condition at the end", async () => {
  const calls = await withStory(uploads, async (destination) => {
    assert.equal(await destination.putIfAbsent("a", LARGE), "created");
  });
  const parts = calls.filter((call) => call.query.has("partNumber") && call.path === "/lake/p/a");
  assert.equal(parts.length, 5);
  assert.equal(calls.at(-1)!.headers.get("if-none-match"), "*");
});

Deno.test("putIfAbsent cuts an object smaller where the server takes no such large body", async () => {
  const bytes = new Uint8Array(12 * 1024 ** 2);
  for (const refusal of [() => s3Refusal(400, "EntityTooLarge"), () => proxyRefusal()]) {
    const calls = await withStory(
      (call) => call.body.length > 6 * 1024 ** 2 ? refusal() : uploads(call),
      async (destination) => assert.equal(await destination.putIfAbsent("a", bytes), "created"),
    );
    const parts = calls.filter((call) => call.query.has("partNumber") && call.path === "/lake/p/a");
    assert.deepEqual(
      parts.map((call) => call.body.length).sort(),
      [2, 5, 5].map((n) => n * 1024 ** 2),
    );
  }
  await withStory(proxyRefusal, async (destination) => {
    await assert.rejects(
      destination.putIfAbsent("a", new Uint8Array(1000)),
      /too large for the server, or for a proxy before it: raise/,
    );
  });
});

/** What nginx says to a body over its `client_max_body_size`. */
function proxyRefusal(): Response {
  const body = "<html><head><title>413 Request Entity Too Large</title></head></html>";
  return new Response(body, { status: 413, headers: { "content-type": "text/html" } });
}

Deno.test("get and head answer undefined for 404 but not where the bucket is missing", async () => {
  await withStory(() => s3Refusal(404, "NoSuchKey"), async (destination) => {
    assert.equal(await destination.get("a"), undefined);
    assert.equal(await destination.head("a"), undefined);
  });
  await withStory(() => s3Refusal(404, "NoSuchBucket"), async (destination) => {
    await assert.rejects(destination.get("a"), /there is no bucket "lake"/);
  });
});

Deno.test("get asks for ranges as S3 counts them", async () => {
  const calls = await withStory(() => new Response("abc"), async (destination) => {
    await destination.get("a", { start: 2, end: 5 });
    await destination.get("a", { start: -8 });
    await destination.get("a", { start: 7 });
  });
  const ranges = calls.map((call) => call.headers.get("range"));
  assert.deepEqual(ranges, ["bytes=2-4", "bytes=-8", "bytes=7-"]);
});

Deno.test("get never takes an answer that was cut for the whole object", async () => {
  await using server = new StandInS3(() => new Response(new Uint8Array(100_000)));
  await using proxy = new FaultProxy({ target: { hostname: "127.0.0.1", port: server.port } });
  const destination = openS3("s3://lake/p", standInOptions(proxy.url), standInTools());
  try {
    proxy.setMode({ kind: "cut", direction: "response", afterBytes: 50_000 });
    await assert.rejects(destination.get("a"), TransientError);
    assert.equal(proxy.counts.cuts, 4);
    proxy.setMode({ kind: "pass" });
    assert.equal((await destination.get("a"))?.length, 100_000);
  } finally {
    await destination.close();
  }
});

Deno.test("list goes on while pages are full, whatever the server says about the end", async () => {
  const page = (keys: string[]) =>
    s3Xml(
      `<ListBucketResult><IsTruncated>false</IsTruncated>${
        keys.map((key) => `<Contents><Key>p/${key}</Key></Contents>`).join("")
      }</ListBucketResult>`,
    );
  const keys = Array.from({ length: 1200 }, (_, i) => `k${String(i).padStart(4, "0")}`);
  const calls = await withStory((call) => {
    const after = call.query.get("start-after")?.slice(2) ?? "";
    return page(keys.filter((key) => key > after).slice(0, Number(call.query.get("max-keys"))));
  }, async (destination) => {
    assert.deepEqual(await destination.list("k", { limit: 1100 }), keys.slice(0, 1100));
    assert.deepEqual(await destination.list("k", { limit: 2, startAfter: "k0005" }), [
      "k0006",
      "k0007",
    ]);
  });
  assert.equal(calls[0]!.query.get("prefix"), "p/k");
  assert.equal(calls[1]!.query.get("start-after"), "p/k0999");
});

Deno.test("listFolders reads all pages and cuts the prefix off", async () => {
  await withStory((call) => {
    const first = !call.query.has("continuation-token");
    return s3Xml(
      `<ListBucketResult><IsTruncated>${first}</IsTruncated>` +
        (first ? "<NextContinuationToken>t</NextContinuationToken>" : "") +
        `<CommonPrefixes><Prefix>p/s/${first ? "one" : "two"}/</Prefix></CommonPrefixes>` +
        `</ListBucketResult>`,
    );
  }, async (destination) => {
    assert.deepEqual(await destination.listFolders("s/"), ["one", "two"]);
  });
});

Deno.test("requests one after another share a connection", async () => {
  await using server = new StandInS3(ok);
  await using proxy = new FaultProxy({ target: { hostname: "127.0.0.1", port: server.port } });
  const destination = openS3("s3://lake/p", standInOptions(proxy.url), standInTools());
  try {
    for (let i = 0; i < 10; i++) await destination.putIfAbsent(`k${i}`, BYTES);
    assert.equal(proxy.counts.connections, 1);
  } finally {
    await destination.close();
  }
});
