import assert from "node:assert/strict";
import { tableVerb } from "../../../src/cli/table_verb.ts";
import { runFake } from "../../support/fake_host.ts";

const verb = tableVerb<string>({
  name: "probe",
  summary: "Look around",
  work: (_, __, only) => Promise.resolve(only === undefined ? ["a", "b"] : []),
  textOf: (report) => `${report}\n`,
  isWell: (report) => report !== "b",
});

Deno.test("a verb about tables prints what it found, fails where something is wrong or nothing is there", async () => {
  const env = { DESTINATION: "file:///lake" };
  const all = await runFake("probe all", { env }, [verb]);
  assert.deepEqual([all.code, all.stdout], [1, "a\nb\n"]);
  const none = await runFake("probe shop.orders", { env }, [verb]);
  assert.deepEqual([none.code, none.stdout], [1, ""]);
  assert.match(none.stderr, /There is no table of shop\.orders below file:/);
  assert.equal((await runFake("probe shop", { env }, [verb])).code, 2);
});
