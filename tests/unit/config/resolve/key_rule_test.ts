import assert from "node:assert/strict";
import { KEY_STRATEGIES } from "../../../../src/config/resolve/key_rule.ts";
import { assertFault, configOf, faultsOf } from "../../../support/load_config.ts";

Deno.test("resolveKeyRule has the template and the bucket of each strategy", () => {
  const buckets = Object.keys(KEY_STRATEGIES).map((name) => {
    const { template, bucket } = configOf({ KEY_STRATEGY: name }).keyRule;
    return [name, template, bucket];
  });
  assert.deepEqual(buckets, [
    ["hive", "db={db}/coll={coll}/year={yyyy}/month={MM}/day={dd}/hour={HH}/", "hour"],
    ["hive-plain", "db={db!}/coll={coll!}/year={yyyy}/month={MM}/day={dd}/hour={HH}/", "hour"],
    ["date-hour", "{db}/{coll}/{yyyy}/{MM}/{dd}/{HH}/", "hour"],
    ["date", "{db}/{coll}/{yyyy}/{MM}/{dd}/", "day"],
    ["collection", "{db}/{coll}/", "none"],
    ["flat", "", "none"],
  ]);
});

Deno.test("resolveKeyRule writes names without a % where there are tables and nothing else is said", () => {
  const depends = { TABLES: "delta" };
  const plain = configOf({ KEY_STRATEGY: "hive-plain" }).keyRule;
  assert.deepEqual(configOf(depends).keyRule, plain);
  assert.notDeepEqual(configOf({}).keyRule, plain);
  assert.deepEqual(
    configOf({ ...depends, KEY_STRATEGY: "hive" }).keyRule,
    configOf({ KEY_STRATEGY: "hive" }).keyRule,
  );
  const template = "{db!}/{coll!}/";
  assert.equal(configOf({ ...depends, KEY_TEMPLATE: template }).keyRule.template, template);
});

Deno.test("resolveKeyRule derives the bucket of a template from its finest time", () => {
  for (
    const [template, bucket] of [
      ["raw/{db}.{coll}", "none"],
      ["raw/{yyyy}", "day"],
      ["raw/{yyyy}-{MM}/", "day"],
      ["dt={yyyy}-{MM}-{dd}/{coll}", "day"],
      ["{HH}/{coll}", "hour"],
      ["h={hash}/{coll}", "none"],
    ] as const
  ) {
    const rule = configOf({ KEY_TEMPLATE: template }).keyRule;
    assert.deepEqual(rule, { template: template.replace(/\/?$/, "/"), bucket });
  }
});

Deno.test("resolveKeyRule refuses templates that give keys nobody could read", () => {
  for (
    const [template, problem] of [
      ["{day}/{coll}", /"\{day\}" is none of the placeholders/],
      ["{db/{coll}", /none of the placeholders/],
      ["a}/b", /none of the placeholders/],
      ["a//b", /empty folder/],
      ["/a", /empty folder/],
      ["a/../b", /`\.\.`/],
      ["a:b", /`:`/],
      ["_raw/{db}", /begins with "_"/],
      [".raw/{db}", /begins with "\."/],
      ["database={db}/x", /name of a column/],
      ["a/Collection={coll}", /name of a column/],
      ["operation=x", /name of a column/],
      ["y={yyyy}/y={MM}", /twice/],
    ] as const
  ) {
    assertFault(faultsOf({ KEY_TEMPLATE: template }), "KEY_TEMPLATE", problem);
  }
});

Deno.test("resolveKeyRule refuses a strategy beside a template", () => {
  assertFault(
    faultsOf({ KEY_STRATEGY: "hive", KEY_TEMPLATE: "{db}" }),
    "KEY_TEMPLATE",
    /KEY_STRATEGY is set as well/,
  );
});
