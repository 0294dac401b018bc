import assert from "node:assert/strict";
import { whereToAsk } from "../../../../src/cli/instance/where_to_ask.ts";
import { verbContext } from "../../../support/verb_context.ts";

function ask(env: Record<string, string>, url?: string, purpose: "look" | "order" = "order") {
  const { context, stderr } = verbContext(env, url === undefined ? {} : { url });
  const where = whereToAsk(context, purpose);
  return { where: typeof where === "number" ? where : where.kind, said: stderr.join("") };
}

const LAKE = { DESTINATION: "s3://lake/raw" };
const REDIS = { REDIS_URL: "redis://cache" };

Deno.test("whereToAsk goes where the instances meet, if that is known", () => {
  assert.equal(ask({ ...LAKE, ...REDIS }).where, "meeting");
  assert.equal(ask(LAKE).where, "meeting");
});

Deno.test("whereToAsk goes to an instance that is named, or to the one here", () => {
  for (const env of [{}, REDIS, { ...LAKE, LEASES: "memory" }]) {
    assert.deepEqual(ask(env), { where: "instance", said: "" });
  }
  assert.equal(ask({ ...LAKE, ...REDIS }, "http://h:1").where, "instance");
});

Deno.test("whereToAsk lists what is wrong with the settings", () => {
  const { where, said } = ask({ STATE_STORE: "rubbish" });
  assert.equal(where, 2);
  assert.match(said, /STATE_STORE/);
  assert.match(said, /With --url one of them is asked/);
  // Who looks sees what runs here.
  const look = ask({ STATE_STORE: "rubbish" }, undefined, "look");
  assert.equal(look.where, "instance");
  assert.match(look.said, /STATE_STORE/);
});
