import assert from "node:assert/strict";
import { loadHttpOptions, loadLakeConfig, loadSourceConfig } from "../../../src/config/load.ts";
import { configOrExplain, lakeConfigOrExplain, type VerbContext } from "../../../src/cli/verb.ts";
import { fakeHost } from "../../support/fake_host.ts";
import { load, MACHINE, REQUIRED, sourcesOf } from "../../support/load_config.ts";

function context(env: Record<string, string>): { context: VerbContext; stderr: string[] } {
  const { host, stderr } = fakeHost({});
  return {
    stderr,
    context: {
      host,
      args: [],
      options: new Map(),
      settingFlags: new Map(),
      loadConfig: () => load({ env }),
      loadLakeConfig: () => loadLakeConfig(sourcesOf({ env }), MACHINE),
      loadSourceConfig: () => loadSourceConfig(sourcesOf({ env }), MACHINE),
      loadHttpOptions: () => loadHttpOptions(sourcesOf({ env })),
    },
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

Deno.test("lakeConfigOrExplain asks for the destination alone", () => {
  const { context: good } = context({ DESTINATION: "s3://lake/raw" });
  assert.equal(lakeConfigOrExplain(good)?.config.pipelineName, "lake/raw");
  const { context: bad, stderr } = context({ MONGODB_URI: "mongodb://h/" });
  assert.equal(lakeConfigOrExplain(bad), undefined);
  assert.match(stderr.join(""), /^1 fault in the configuration:\n\n {2}DESTINATION/);
});
