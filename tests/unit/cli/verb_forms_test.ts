import assert from "node:assert/strict";
import { SETTING_NAMES } from "../../../src/config/table/schema.ts";
import { settingsOf, verbForms } from "../../../src/cli/verb_forms.ts";
import { VERBS } from "../../../src/cli/verbs.ts";
import { runFake } from "../../support/fake_host.ts";

const FORMS = verbForms(VERBS);

Deno.test("verbForms has every flag that --help-all of a verb lists", async () => {
  for (const { name, ownFlags, settingFlags } of FORMS) {
    const { stdout } = await runFake(`${name} --help-all`);
    const listed = [...stdout.matchAll(/^ {2}(--[a-z0-9-]+)/gm)].map(([, flag]) => flag);
    const known = [...ownFlags, ...settingFlags].map((flag) => flag.name);
    assert.deepEqual(
      known.filter((flag) => !flag.startsWith("--help")).sort(),
      listed.sort(),
      name,
    );
  }
});

Deno.test("verbForms gives a flag the same values wherever it is, for completions know flags by name", () => {
  const values = new Map<string, unknown>();
  for (const flag of FORMS.flatMap((form) => [...form.ownFlags, ...form.settingFlags])) {
    const from = flag.value?.from;
    if (values.has(flag.name)) assert.deepEqual(from, values.get(flag.name), flag.name);
    values.set(flag.name, from);
  }
  assert.deepEqual(values.get("--format"), ["parquet", "jsonl", "csv", "avro"]);
  assert.equal(values.get("--config"), "file");
  assert.equal(values.get("--http-tls-cert"), "file");
  assert.equal(values.get("--mongodb-uri"), "anything");
  assert.equal(values.get("--json"), undefined);
});

Deno.test("verbForms describes each flag in one short line", () => {
  for (const { name, summary } of FORMS.flatMap((form) => form.settingFlags)) {
    assert.match(summary, /^[^\n`]{5,100}[^.]$/, name);
  }
});

Deno.test("settingsOf sorts by section", () => {
  assert.deepEqual(settingsOf(["LOG_LEVEL", "FORMAT", "MONGODB_URI"]), [
    "MONGODB_URI",
    "FORMAT",
    "LOG_LEVEL",
  ]);
  assert.equal(settingsOf("all").length, SETTING_NAMES.length);
  assert.deepEqual(settingsOf("none"), []);
});
