import assert from "node:assert/strict";
import { runFake } from "../../support/fake_host.ts";

Deno.test("verbs of dead letters refuse a record or a time that is none", async () => {
  const env = { DESTINATION: "file:///nowhere" };
  for (const verb of ["show", "redrive"]) {
    const { code, stderr } = await runFake(`dead-letters ${verb} shop.orders first`, { env });
    assert.equal(code, 2);
    assert.match(stderr, /"first" is no record's number; `tributary dead-letters list` shows them/);
  }
  const { code, stderr } = await runFake("dead-letters list --since yesterday", { env });
  assert.equal(code, 2);
  assert.match(stderr, /--since "yesterday" is no time; write 2026-11-20/);
});
