/** The HTTP server over real sockets, with services that hang, and with TLS. */
import assert from "node:assert/strict";
import { Agent, get } from "node:https";
import { startHttp } from "../../src/observe/http/http_server.ts";
import { Monitor } from "../../src/observe/monitor.ts";
import { systemClock } from "../../src/support/clock.ts";
import { withInstance } from "../support/instance_server.ts";

const PEM = new URL("../support/tls/server.pem", import.meta.url).pathname;

Deno.test("health, status and metrics are answered while every service hangs", async () => {
  const hang = () => new Promise<never>(() => {});
  await using monitor = new Monitor({
    instance: { id: "host-1-5f0e", name: "host-1", pipeline: "lake/shop", version: "1.2.3" },
    metricsPrefix: "tributary",
    readyMaxLagMs: 300_000,
    budget: { limitBytes: 1000, usedBytes: 0 },
    loops: () => [],
    probes: { mongodb: hang, redis: hang, destination: hang },
    fleet: { view: hang, tell: hang },
    clock: systemClock,
  });
  monitor.setPhase("running");
  const address = { host: "127.0.0.1", port: 0 };
  const act = () => Promise.resolve("done" as const);
  await using server = await startHttp({ address, monitor, act, clock: systemClock });
  const answers = [];
  for (const path of ["health", "ready", "status", "metrics"]) {
    const response = await fetch(`http://127.0.0.1:${server.port}/${path}`);
    answers.push(response.status);
    await response.body?.cancel();
  }
  assert.deepEqual(answers, [200, 200, 200, 200]);
  const dependencies = { mongodb: "unknown", redis: "unknown", destination: "unknown" };
  assert.deepEqual(monitor.health().dependencies, dependencies);
});

Deno.test("with a certificate the server speaks TLS and nothing else", async () => {
  await withInstance({ tls: { certPath: PEM, keyPath: PEM } }, async ({ port }) => {
    const ca = Deno.readTextFileSync(new URL("../support/tls/authority.pem", import.meta.url));
    const text = await new Promise<string>((resolve, reject) => {
      const agent = new Agent({ keepAlive: false });
      get({ host: "127.0.0.1", port, path: "/health", ca, agent }, (response) => {
        let body = "";
        response.on("data", (part: Uint8Array) => body += new TextDecoder().decode(part));
        response.on("end", () => resolve(body));
      }).on("error", reject);
    });
    assert.equal(JSON.parse(text).instance_id, "host-1-5f0e");
    await assert.rejects(fetch(`http://127.0.0.1:${port}/health`));
  });
});

Deno.test("a page is told again and again over one connection", async () => {
  await withInstance({}, async ({ port, monitor }) => {
    const response = await fetch(`http://127.0.0.1:${port}/events`);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    assert.match((await reader.read()).value!, /"processing_status":"starting"/);
    monitor.setPhase("running");
    assert.match((await reader.read()).value!, /"processing_status":"standby"/);
    await reader.cancel();
  });
});
