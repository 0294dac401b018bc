import assert from "node:assert/strict";
import { sampleYaml } from "../../../../src/config/show/sample_yaml.ts";
import { SETTING_NAMES } from "../../../../src/config/table/schema.ts";
import { yamlKey } from "../../../../src/config/table/setting.ts";
import { load } from "../../../support/load_config.ts";

Deno.test("sampleYaml is a configuration that loads once the two variables are set", () => {
  const env = { MONGODB_URI: "mongodb://h/", DESTINATION: "s3://lake" };
  assert(!load({ yaml: sampleYaml() }).ok);
  const result = load({ yaml: sampleYaml(), env });
  assert(result.ok);
});

Deno.test("sampleYaml names every setting, each remark being its default", () => {
  const text = sampleYaml();
  for (const name of SETTING_NAMES) {
    assert.match(text, new RegExp(`^(# )?${yamlKey(name)}:`, "m"), name);
  }
  const active = text
    .replace(/^# (\w+: \S.*)$/gm, "$1")
    .replace(/^(allowed|default|pipeline): .*$/gim, "");
  const result = load({
    yaml: active,
    env: { MONGODB_URI: "mongodb://h/", DESTINATION: "s3://lake" },
  });
  assert(result.ok, result.ok ? "" : JSON.stringify(result.faults, null, 1));
  assert.equal(result.config.batchTimeoutMs, 30_000);
});

Deno.test("sampleYaml fills its lines and keeps them short", () => {
  const longest = Math.max(...sampleYaml().split("\n").map((line) => line.length));
  assert(longest > 90 && longest <= 100);
});
