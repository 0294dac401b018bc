import assert from "node:assert/strict";
import { runFake } from "../../support/fake_host.ts";

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
