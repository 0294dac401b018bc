/** The S3 destination and a real server, with a proxy between them that breaks. */
import assert from "node:assert/strict";
import { openDestination } from "../../src/destination/destinations.ts";
import {
  type DestinationOptions,
  type OpenDestination,
  PROBE_RETRY,
} from "../../src/destination/open_destination.ts";
import { probeDestination } from "../../src/destination/probe.ts";
import { PermanentError, TransientError } from "../../src/model/errors.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { eventually } from "../support/eventually.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { ensureBucket, s3TestOptions } from "../support/s3_bucket.ts";
import { s3Endpoint, uniqueName } from "../support/services.ts";

const BUCKET = "destination-faults";
const RETRY = { retriesMax: 30, firstMs: 10, maxMs: 50 };
const TOOLS = { clock: systemClock, random: systemRandom };

/** Runs `check` with a destination that reaches the server through a proxy. */
async function withProxy(
  check: (destination: OpenDestination, proxy: FaultProxy) => Promise<void>,
  options: Partial<DestinationOptions> = {},
): Promise<void> {
  await ensureBucket(BUCKET);
  const { hostname, port } = new URL(s3Endpoint());
  await using proxy = new FaultProxy({ target: { hostname, port: Number(port) }, seed: 7 });
  const url = `s3://${BUCKET}/${uniqueName("run")}`;
  const all = { retry: RETRY, s3: s3TestOptions(proxy.url), ...options };
  const destination = await openDestination(url, all, TOOLS);
  try {
    await check(destination, proxy);
  } finally {
    await destination.close();
  }
}

function bytesOf(length: number, seed: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, i) => (i * 31 + seed) & 0xff);
}

async function assertHolds(
  destination: OpenDestination,
  objects: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  for (const [key, bytes] of objects) assert.deepEqual(await destination.get(key), bytes, key);
}

/** Puts a few dozen objects of all sizes, several at a time. */
async function putMany(destination: OpenDestination): Promise<Map<string, Uint8Array>> {
  const objects = new Map<string, Uint8Array>();
  for (let i = 0; i < 24; i++) objects.set(`o/${i}`, bytesOf(i % 4 === 0 ? 700_000 : 1000, i));
  await Promise.all([...objects].map(([key, bytes]) => destination.putIfAbsent(key, bytes)));
  return objects;
}

Deno.test("all objects arrive whole where every third request is told to slow down", async () => {
  await withProxy(async (destination, proxy) => {
    proxy.setMode({ kind: "slow-down", share: 0.34 });
    await assertHolds(destination, await putMany(destination));
    assert.ok(proxy.counts.slowDowns > 0);
  });
});

Deno.test("all objects arrive whole where connections are cut while requests are sent", async () => {
  await withProxy(async (destination, proxy) => {
    // More than the largest request: each connection carries some requests before it breaks.
    proxy.setMode({ kind: "cut", direction: "request", afterBytes: 1_500_000 });
    const objects = await putMany(destination);
    proxy.setMode({ kind: "cut", direction: "request", afterBytes: 3000 });
    const small = new Map([...Array(12).keys()].map((i) => [`s/${i}`, bytesOf(500, i)]));
    await Promise.all([...small].map(([key, bytes]) => destination.putIfAbsent(key, bytes)));
    assert.ok(proxy.counts.cuts > 0);
    proxy.setMode({ kind: "pass" });
    await assertHolds(destination, objects);
    await assertHolds(destination, small);
  }, { connectionsMax: 2 });
});

Deno.test("an answer that was lost is found as exists, with our bytes", async () => {
  await withProxy(async (destination, proxy) => {
    await destination.head("warm");
    proxy.setMode({ kind: "cut", direction: "response", afterBytes: 1 });
    const bytes = bytesOf(1000, 1);
    const put = destination.putIfAbsent("lost", bytes);
    await eventually(() => proxy.counts.cuts >= 2);
    proxy.setMode({ kind: "pass" });
    assert.equal(await put, "exists");
    assert.deepEqual(await destination.get("lost"), bytes);
  });
});

Deno.test("a pause of the server is waited out", async () => {
  await withProxy(async (destination, proxy) => {
    proxy.setMode({ kind: "pause" });
    const put = destination.putIfAbsent("a", bytesOf(100, 1));
    await eventually(() => proxy.counts.connections > 0);
    proxy.setMode({ kind: "pass" });
    assert.equal(await put, "created");
  });
});

Deno.test("closing ends a request that nothing answers", async () => {
  await withProxy(async (destination, proxy) => {
    proxy.setMode({ kind: "black-hole" });
    const put = destination.putIfAbsent("a", bytesOf(100, 1));
    await eventually(() => proxy.counts.connections > 0);
    const outcome = assert.rejects(put, TransientError);
    await destination.close();
    await outcome;
  });
});

Deno.test("an object over 64 MiB arrives whole in parts, and only once", async () => {
  await withProxy(async (destination, proxy) => {
    proxy.setMode({ kind: "slow-down", share: 0.3 });
    const large = bytesOf(66 * 1024 ** 2, 3);
    assert.equal(await destination.putIfAbsent("large", large), "created");
    assert.equal(await destination.putIfAbsent("large", large.fill(0)), "exists");
    assert.equal((await destination.head("large"))?.bytes, large.length);
    const tail = await destination.get("large", { start: -1000 });
    assert.deepEqual(tail, bytesOf(66 * 1024 ** 2, 3).subarray(-1000));
  });
});

Deno.test("the probe names an unreachable server, a wrong bucket and wrong keys", async () => {
  await withProxy(async (destination, proxy) => {
    proxy.setMode({ kind: "refuse" });
    await assert.rejects(probeDestination(destination, systemRandom), TransientError);
  }, { retry: PROBE_RETRY });

  const s3 = s3TestOptions();
  const cases = [
    { bucket: uniqueName("none"), s3, message: /there is no bucket/ },
    {
      bucket: BUCKET,
      s3: { ...s3, credentials: { accessKeyId: "nobody", secretAccessKey: "a-secret" } },
      message: /does not know the access key/,
    },
    {
      bucket: BUCKET,
      s3: { ...s3, credentials: { ...s3.credentials!, secretAccessKey: "a-secret" } },
      message: /secret key is wrong/,
    },
  ];
  for (const { bucket, s3, message } of cases) {
    const destination = await openDestination(`s3://${bucket}`, { retry: PROBE_RETRY, s3 }, TOOLS);
    try {
      await assert.rejects(probeDestination(destination, systemRandom), (error) => {
        assert.ok(error instanceof PermanentError);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /a-secret/);
        return true;
      });
    } finally {
      await destination.close();
    }
  }
});
