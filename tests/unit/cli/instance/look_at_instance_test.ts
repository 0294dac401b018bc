import assert from "node:assert/strict";
import {
  isNoView,
  limitsOf,
  lookAtInstance,
} from "../../../../src/cli/instance/look_at_instance.ts";
import { withInstance } from "../../../support/instance_server.ts";
import { configOf } from "../../../support/load_config.ts";

async function ask(url: string, token?: string, options = new Map([["url", url]])) {
  const instance = token === undefined ? { url } : { url, token };
  const look = await lookAtInstance(instance, { options }, undefined);
  return isNoView(look)
    ? { found: look.code, said: look.said, isAnswered: look.isAnswered }
    : { found: look, said: "", isAnswered: true };
}

async function askServer(answer: () => Response) {
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  await using server = Deno.serve(options, answer);
  return await ask(`http://127.0.0.1:${server.addr.port}`);
}

Deno.test("lookAtInstance says what to do about a token", async () => {
  await withInstance({ token: "correct-horse" }, async ({ port }) => {
    const url = `http://127.0.0.1:${port}`;
    const without = await ask(url);
    assert.deepEqual([without.found, without.said], [
      2,
      `The instance at ${url} wants its token: set HTTP_TOKEN to the one it was started with.\n`,
    ]);
    const wrong = await ask(url, "wrong-horse");
    assert.equal(wrong.found, 1);
    assert.match(wrong.said, /another HTTP_TOKEN than the one given\.\n$/);
    assert.equal(typeof (await ask(url, "correct-horse")).found, "object");
  });
});

Deno.test("lookAtInstance tells another program from an instance", async () => {
  const answers = [
    () => new Response("<html>not here</html>", { status: 404 }),
    () => new Response("<html>hello</html>"),
    () => Response.json({ status: "UP" }),
  ];
  for (const answer of answers) {
    const { found, said, isAnswered } = await askServer(answer);
    assert.deepEqual([found, isAnswered], [1, true]);
    assert.match(said, /^What answers at http:\S+ \(HTTP \d+\) is no instance: .*HTTP_ADDRESS/);
  }
});

Deno.test("lookAtInstance says what to do where nobody, or no https, is there", async () => {
  await withInstance({}, async ({ port }) => {
    const { found, said } = await ask(`https://127.0.0.1:${port}`);
    assert.equal(found, 1);
    assert.match(said, /does not speak https: give --url http/);
  });
  const nobody = await ask("http://no-such-host.invalid:8080");
  assert.deepEqual([nobody.found, nobody.isAnswered], [1, false]);
  assert.match(nobody.said, /^Cannot reach an instance at \S+: .*\nIs it running there\? .*\n$/);
  const unnamed = await ask("http://127.0.0.1:9", undefined, new Map());
  assert.match(
    unnamed.said,
    /\nInstances that share Redis are found by REDIS_URL and DESTINATION\.\n$/,
  );
});

Deno.test("limitsOf follows READY_MAX_LAG and BATCH_TIMEOUT", () => {
  const config = configOf({ READY_MAX_LAG: "1m", BATCH_TIMEOUT: "10s" });
  assert.deepEqual(limitsOf(config), { lagSeconds: 60, lakeLagSeconds: 70 });
  assert.deepEqual(limitsOf(undefined), limitsOf(configOf({})));
});
