import assert from "node:assert/strict";
import { configOrExplain, lakeConfigOrExplain } from "../../../src/cli/verb.ts";
import { REQUIRED } from "../../support/load_config.ts";
import { verbContext } from "../../support/verb_context.ts";

Deno.test("configOrExplain gives the configuration", () => {
  const { context: good, stderr } = verbContext(REQUIRED);
  assert.equal(configOrExplain(good)?.config.pipelineName, "lake/raw");
  assert.deepEqual(stderr, []);
});

Deno.test("configOrExplain writes the faults where there is none", () => {
  const { context: bad, stderr } = verbContext({});
  assert.equal(configOrExplain(bad), undefined);
  assert.match(stderr.join(""), /^2 faults in the configuration:/);
});

Deno.test("lakeConfigOrExplain asks for the destination alone", () => {
  const { context: good } = verbContext({ DESTINATION: "s3://lake/raw" });
  assert.equal(lakeConfigOrExplain(good)?.config.pipelineName, "lake/raw");
  const { context: bad, stderr } = verbContext({ MONGODB_URI: "mongodb://h/" });
  assert.equal(lakeConfigOrExplain(bad), undefined);
  assert.match(stderr.join(""), /^1 fault in the configuration:\n\n {2}DESTINATION/);
});
