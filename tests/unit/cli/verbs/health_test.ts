import assert from "node:assert/strict";
import { runFake } from "../../../support/fake_host.ts";
import { withInstance } from "../../../support/instance_server.ts";

Deno.test("health ends with 0 for an instance that lives, also a degraded one", async () => {
  await withInstance({}, async ({ port, monitor }) => {
    const healthy = await runFake(`health --http-address 127.0.0.1:${port}`);
    assert.deepEqual(healthy, { code: 0, stdout: "healthy, starting\n", stderr: "" });
    monitor.destinationFailed("503", true);
    const degraded = await runFake(`health --url http://127.0.0.1:${port}/`);
    const stdout = "degraded, starting; destination unhealthy\n";
    assert.deepEqual(degraded, { code: 0, stdout, stderr: "" });
  });
});

Deno.test("health asks this machine where the server listens on all interfaces", async () => {
  await withInstance({ host: "" }, async ({ port }) => {
    assert.equal((await runFake("health", { env: { HTTP_ADDRESS: `:${port}` } })).code, 0);
  });
});

Deno.test("health ends with 1 for an instance that is stuck", async () => {
  const loops = () => [{ name: "a", lastTurnMs: -1e9 }];
  await withInstance({ loops }, async ({ port }) => {
    const { code, stdout, stderr } = await runFake(`health --url http://127.0.0.1:${port}`);
    assert.deepEqual([code, stdout, stderr], [1, "", "stuck, starting\n"]);
  });
});

Deno.test("health does not take another program that has the port for an instance that lives", async () => {
  for (const status of [200, 404]) {
    const other = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => new Response("Welcome to nginx!", { status }),
    );
    const { code, stdout, stderr } = await runFake(
      `health --url http://127.0.0.1:${other.addr.port}`,
    );
    await other.shutdown();
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /is no instance: another program has the port\. HTTP_ADDRESS or --url/);
  }
});

Deno.test("health needs neither token nor a trusted certificate", async () => {
  const pem = new URL("../../../support/tls/server.pem", import.meta.url).pathname;
  const tls = { certPath: pem, keyPath: pem };
  await withInstance({ tls, token: "correct-horse" }, async ({ port }) => {
    const env = { HTTP_ADDRESS: `127.0.0.1:${port}`, HTTP_TLS_CERT: pem, HTTP_TLS_KEY: pem };
    const { code, stdout } = await runFake("health", { env });
    assert.deepEqual([code, stdout], [0, "healthy, starting\n"]);
  });
});

Deno.test("health says what to do where nobody answers", async () => {
  const { code, stderr } = await runFake("health --url http://127.0.0.1:1");
  assert.equal(code, 1);
  assert.match(stderr, /^Cannot reach an instance at http:\/\/127\.0\.0\.1:1: /);
  assert.match(stderr, /Is it running there\? HTTP_ADDRESS or --url says where\.\n$/);
});

Deno.test("health refuses an address that is none, and a server that shall not be", async () => {
  assert.equal((await runFake("health --url 127.0.0.1:80")).code, 2);
  const { code, stderr } = await runFake("health", { env: { HTTP_ADDRESS: "none" } });
  assert.equal(code, 2);
  assert.match(stderr, /^HTTP_ADDRESS is none/);
});
