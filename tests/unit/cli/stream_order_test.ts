import assert from "node:assert/strict";
import { runFake } from "../../support/fake_host.ts";
import { withInstance } from "../../support/instance_server.ts";

const TOKEN = "correct-horse";
const STREAM = "collection:shop.orders";

Deno.test("streamOrder gives each order to the instance with the token", async () => {
  await withInstance({ token: TOKEN }, async ({ port, orders }) => {
    const env = { HTTP_TOKEN: TOKEN, HTTP_ADDRESS: `127.0.0.1:${port}` };
    const outcomes = [];
    for (const verb of ["pause", "resume", "flush"]) {
      outcomes.push(await runFake(`${verb} ${STREAM}`, { env }));
    }
    assert.deepEqual(outcomes.map(({ code, stdout }) => [code, stdout]), [
      [0, `${STREAM} is paused\n`],
      [0, `${STREAM} is read again\n`],
      [0, `${STREAM} is being stored\n`],
    ]);
    assert.deepEqual(orders, ["pause", "resume", "flush"].map((verb) => `${verb} ${STREAM}`));
  });
});

Deno.test("streamOrder says why an instance does not take an order", async () => {
  for (const [outcome, expected] of [["unknown", /no stream/], ["elsewhere", /Another/]] as const) {
    await withInstance({ token: TOKEN, outcome }, async ({ port }) => {
      const line = `pause ${STREAM} --url http://127.0.0.1:${port}`;
      const { code, stderr } = await runFake(line, { env: { HTTP_TOKEN: TOKEN } });
      assert.equal(code, 1);
      assert.match(stderr, expected);
    });
  }
});

Deno.test("streamOrder needs the token, and the right one", async () => {
  await withInstance({ token: TOKEN }, async ({ port, orders }) => {
    const line = `pause ${STREAM} --url http://127.0.0.1:${port}`;
    const none = await runFake(line);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /^HTTP_TOKEN is not set/);
    const wrong = await runFake(line, { env: { HTTP_TOKEN: "wrong-horse" } });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /needs the token/);
    assert.deepEqual(orders, []);
  });
});

Deno.test("streamOrder does not give the token to a server that cannot prove who it is", async () => {
  const pem = new URL("../../support/tls/server.pem", import.meta.url).pathname;
  const tls = { certPath: pem, keyPath: pem };
  await withInstance({ tls, token: TOKEN }, async ({ port, orders }) => {
    const line = `pause ${STREAM} --url https://127.0.0.1:${port}`;
    const { code, stderr } = await runFake(line, { env: { HTTP_TOKEN: TOKEN } });
    assert.equal(code, 1);
    assert.match(stderr, /^Cannot reach an instance at https/);
    assert.deepEqual(orders, []);
  });
});
