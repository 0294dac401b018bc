import assert from "node:assert/strict";
import { configOrExplain, type VerbContext } from "../../../src/cli/verb.ts";
import { fakeHost } from "../../support/fake_host.ts";
import { load, REQUIRED } from "../../support/load_config.ts";

function context(env: Record<string, string>): { context: VerbContext; stderr: string[] } {
  const { host, stderr } = fakeHost({});
  return {
    stderr,
    context: { host, args: [], options: new Map(), loadConfig: () => load({ env }) },
  };
}

Deno.test("configOrExplain gives the configuration", () => {
  const { context: good, stderr } = context(REQUIRED);
  assert.equal(configOrExplain(good)?.config.pipelineName, "lake/raw");
  assert.deepEqual(stderr, []);
});

Deno.test("configOrExplain writes the faults where there is none", () => {
  const { context: bad, stderr } = context({});
  assert.equal(configOrExplain(bad), undefined);
  assert.match(stderr.join(""), /^2 faults in the configuration:/);
});
