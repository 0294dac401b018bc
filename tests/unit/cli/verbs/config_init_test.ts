import assert from "node:assert/strict";
import { sampleYaml } from "../../../../src/config/show/sample_yaml.ts";
import { runFake } from "../../../support/fake_host.ts";

Deno.test("configInit writes the sample to standard output", async () => {
  const { code, stdout } = await runFake("config init");
  assert.deepEqual([code, stdout], [0, sampleYaml()]);
});

Deno.test("configInit writes a new file and never overwrites one", async () => {
  const files = new Map<string, string>();
  const first = await runFake("config init --output t.yaml", { files });
  assert.deepEqual([first.code, first.stdout], [0, ""]);
  assert.equal(files.get("t.yaml"), sampleYaml());
  files.set("t.yaml", "mine");
  const second = await runFake("config init --output t.yaml", { files });
  assert.equal(second.code, 1);
  assert.match(second.stderr, /Cannot write a new file "t.yaml": File exists/);
  assert.equal(files.get("t.yaml"), "mine");
});
