import assert from "node:assert/strict";
import { PermanentError } from "../../../../src/model/errors.ts";
import type { HttpAddress } from "../../../../src/observe/http/http_routes.ts";
import { startHttp } from "../../../../src/observe/http/http_server.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { newMonitor } from "../../../support/monitor.ts";

async function start(address: Partial<HttpAddress> = {}) {
  const { monitor } = newMonitor();
  const server = await startHttp({
    address: { host: "127.0.0.1", port: 0, ...address },
    monitor,
    act: () => Promise.resolve("done"),
    clock: systemClock,
  });
  return {
    server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await monitor[Symbol.asyncDispose]();
    },
  };
}

Deno.test("startHttp serves on a free port, and HEAD as GET without the body", async () => {
  await using world = await start();
  const url = `http://127.0.0.1:${world.server.port}/health`;
  const response = await fetch(url);
  assert.equal((await response.json()).instance_id, "host-1-5f0e");
  const head = await fetch(url, { method: "HEAD" });
  assert.deepEqual([head.status, await head.text()], [200, ""]);
});

Deno.test("startHttp serves on all interfaces where no host is named", async () => {
  await using world = await start({ host: "" });
  const response = await fetch(`http://127.0.0.1:${world.server.port}/health`);
  assert.equal((await response.json()).version, "1.2.3");
});

Deno.test("startHttp says in one sentence that a port is in use", async () => {
  await using world = await start();
  const { port } = world.server;
  const { monitor } = newMonitor();
  await using _ = monitor;
  const again = startHttp({
    address: { host: "127.0.0.1", port },
    monitor,
    act: () => Promise.resolve("done"),
    clock: systemClock,
  });
  await assert.rejects(again, (error: Error) => {
    assert.ok(error instanceof PermanentError);
    assert.equal(
      error.message,
      `Cannot serve HTTP on 127.0.0.1:${port}: another program uses this port; set HTTP_ADDRESS ` +
        "to another address, or to none for no server",
    );
    return true;
  });
});

Deno.test("startHttp names the setting of a certificate that cannot be read or used", async () => {
  const tls = { certPath: "/nowhere/cert.pem", keyPath: "/nowhere/key.pem" };
  await assert.rejects(start({ tls }), /^PermanentError: Cannot read HTTP_TLS_CERT "\/nowhere/);
  const file = await Deno.makeTempFile();
  try {
    const broken = { certPath: file, keyPath: file };
    await assert.rejects(start({ tls: broken }), /^PermanentError: Cannot serve HTTP on 127/);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("startHttp closes with a page that listens for updates", async () => {
  const { monitor } = newMonitor();
  await using _ = monitor;
  const server = await startHttp({
    address: { host: "127.0.0.1", port: 0 },
    monitor,
    act: () => Promise.resolve("done"),
    clock: systemClock,
  });
  const response = await fetch(`http://127.0.0.1:${server.port}/events`);
  await server[Symbol.asyncDispose]();
  assert.match(await response.text(), /^event: status\ndata: \{"at":/);
});
