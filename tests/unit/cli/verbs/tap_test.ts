import assert from "node:assert/strict";
import { runFake } from "../../../support/fake_host.ts";

Deno.test("tap refuses options that it cannot follow, and says how they are written", async () => {
  const cases: [string, RegExp][] = [
    ["--from yesterday", /--from "yesterday" must be now, earliest, 2026/],
    ["--count 0", /--count "0" must be a whole number from 1/],
    ["--count many", /--count "many" must be/],
    ["--timeout 10", /--timeout "10" must be a duration, as 10s/],
  ];
  for (const [words, message] of cases) {
    const { code, stdout, stderr } = await runFake(`tap --mongodb-uri mongodb://h/ ${words}`);
    assert.deepEqual([code, stdout], [2, ""], words);
    assert.match(stderr, message);
  }
});

Deno.test("tap needs MongoDB and no destination", async () => {
  const without = await runFake("tap");
  assert.equal(without.code, 2);
  assert.match(without.stderr, /MONGODB_URI/);
  assert.doesNotMatch(without.stderr, /DESTINATION/);
  const uri = "mongodb://ann:hunter22@127.0.0.1:9/?serverSelectionTimeoutMS=200";
  const away = await runFake("tap", { env: { MONGODB_URI: uri } });
  assert.equal(away.code, 3);
  assert.match(away.stderr, /^tributary: Cannot .*127\.0\.0\.1:9/);
  assert.doesNotMatch(away.stderr, /hunter22/);
});

Deno.test("tap does not say of a server that never answers that nothing has changed", async () => {
  const connections: Deno.Conn[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = (async () => {
    for await (const connection of listener) connections.push(connection);
  })();
  const { port } = listener.addr;
  const env = { MONGODB_URI: `mongodb://127.0.0.1:${port}/` };
  const { code, stderr } = await runFake("tap --timeout 200ms", { env });
  assert.equal(code, 1);
  assert.match(stderr, /^tributary: MongoDB did not give the events of deployment within 200ms: /);
  listener.close();
  await accepting.catch(() => {});
  for (const connection of connections) connection.close();
});
