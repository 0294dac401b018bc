/** The proxy that fault tests rely on breaks as it is told, and nothing else. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { eventually } from "../support/eventually.ts";
import { type FaultMode, FaultProxy } from "../support/fault_proxy.ts";
import { HttpRequestSplitter } from "../support/http_request_splitter.ts";
import { StandInS3 } from "../support/stand_in_s3.ts";

/** Runs `check` with a proxy before a server that sends back what it gets. */
async function withEcho(
  mode: FaultMode,
  check: (proxy: FaultProxy, client: Deno.TcpConn) => Promise<void>,
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    for await (const connection of listener) {
      await connection.readable.pipeTo(connection.writable).catch(() => {});
    }
  })();
  {
    await using proxy = new FaultProxy({
      target: { hostname: "127.0.0.1", port: listener.addr.port },
    });
    proxy.setMode(mode);
    using client = await Deno.connect({ hostname: "127.0.0.1", port: proxy.port });
    await check(proxy, client);
  }
  listener.close();
  await served;
}

async function readUpTo(client: Deno.TcpConn, length: number): Promise<number[]> {
  const bytes: number[] = [];
  const buffer = new Uint8Array(length);
  while (bytes.length < length) {
    const read = await client.read(buffer).catch(() => null);
    if (read === null) break;
    bytes.push(...buffer.subarray(0, read));
  }
  return bytes;
}

/** No HTTP: the first byte is no letter. */
const BYTES = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);

Deno.test("FaultProxy passes bytes of any protocol on, also after a delay", async () => {
  for (const mode of [{ kind: "pass" }, { kind: "delay", ms: 5 }] as const) {
    await withEcho(mode, async (_, client) => {
      await client.write(BYTES);
      assert.deepEqual(await readUpTo(client, BYTES.length), [...BYTES]);
    });
  }
});

Deno.test("FaultProxy cuts after exactly as many bytes of a direction", async () => {
  for (const direction of ["request", "response"] as const) {
    await withEcho({ kind: "cut", direction, afterBytes: 4 }, async (proxy, client) => {
      await client.write(BYTES);
      const echoed = await readUpTo(client, BYTES.length);
      if (direction === "response") assert.deepEqual(echoed, [0, 1, 2, 3]);
      assert.ok(echoed.length <= 4);
      assert.equal(proxy.counts.cuts, 1);
    });
  }
});

Deno.test("FaultProxy keeps bytes back in a pause and sends them after it", async () => {
  await withEcho({ kind: "pause" }, async (proxy, client) => {
    await client.write(BYTES);
    const echoed = readUpTo(client, BYTES.length);
    proxy.setMode({ kind: "pass" });
    assert.deepEqual(await echoed, [...BYTES]);
  });
});

Deno.test("FaultProxy drops what has lost bytes in a black hole, and refuses connections", async () => {
  await withEcho({ kind: "black-hole" }, async (proxy, client) => {
    await client.write(BYTES);
    const echoed = readUpTo(client, BYTES.length);
    await eventually(() => proxy.counts.connections > 0);
    proxy.setMode({ kind: "refuse" });
    assert.deepEqual(await echoed, []);
    using second = await Deno.connect({ hostname: "127.0.0.1", port: proxy.port });
    assert.deepEqual(await readUpTo(second, 1), []);
  });
});

Deno.test("FaultProxy tells a seeded share of requests to slow down", async () => {
  const statuses: number[][] = [];
  for (let run = 0; run < 2; run++) {
    await using server = new StandInS3(() => new Response("fine"));
    const target = { hostname: "127.0.0.1", port: server.port };
    await using proxy = new FaultProxy({ target, seed: 5 });
    proxy.setMode({ kind: "slow-down", share: 0.5 });
    const seen: number[] = [];
    for (let i = 0; i < 30; i++) {
      const method = i % 3 === 0 ? "HEAD" : "PUT";
      const body = method === "PUT" ? new Uint8Array(i * 5000) : null;
      const response = await fetch(`${proxy.url}/k`, { method, body });
      await response.arrayBuffer();
      seen.push(response.status);
    }
    assert.equal(server.calls.length, seen.filter((status) => status === 200).length);
    assert.equal(proxy.counts.slowDowns, seen.filter((status) => status === 503).length);
    assert.ok(proxy.counts.slowDowns > 5 && proxy.counts.slowDowns < 25);
    statuses.push(seen);
  }
  assert.deepEqual(statuses[0], statuses[1]);
});

Deno.test("HttpRequestSplitter finds the same requests however they are cut up", () => {
  const requests = [
    "PUT /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
    "HEAD /b HTTP/1.1\r\nhost: x\r\n\r\n",
    "GET /c HTTP/1.1\r\n\r\n",
    "PUT /d HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc",
  ];
  const all = new TextEncoder().encode(requests.join(""));
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 40 })), (sizes) => {
    const splitter = new HttpRequestSplitter();
    const found: string[] = [];
    for (let start = 0; start < all.length;) {
      const size = sizes.shift() ?? all.length;
      for (const piece of splitter.split(all.subarray(start, start + size))) {
        if (piece.first) found.push("");
        found[found.length - 1] += new TextDecoder().decode(piece.bytes) + (piece.last ? "|" : "");
      }
      start += size;
    }
    assert.deepEqual(found, requests.map((request) => `${request}|`));
  }));
});
