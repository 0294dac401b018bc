import assert from "node:assert/strict";
import { Command } from "commander";
import { addSettingFlags, settingFlagsGiven } from "../../../src/cli/setting_flags.ts";
import { FLAGS } from "../../../src/config/schema.ts";
import type { Verb } from "../../../src/cli/verb.ts";

function parsed(settings: Verb["settings"], ...args: string[]): Command {
  const command = new Command("x").exitOverride();
  addSettingFlags(command, { settings }, false);
  return command.parse(args, { from: "user" });
}

Deno.test("addSettingFlags adds a flag for every way to write a setting", () => {
  const names = parsed("all").options.map((option) => option.name());
  assert.deepEqual(names.sort(), [...FLAGS.keys(), "config", "env-file"].sort());
});

Deno.test("addSettingFlags adds only what a verb takes, and says whether something is hidden", () => {
  const command = new Command("x");
  assert.equal(addSettingFlags(command, { settings: ["FORMAT"] }, false), false);
  assert.deepEqual(command.options.map((option) => option.name()), [
    "config",
    "env-file",
    "format",
  ]);
  const rare = { settings: ["FORMAT", "ENCODERS"] } as const;
  assert.equal(addSettingFlags(new Command("y"), rare, false), true);
  assert.equal(addSettingFlags(new Command("y"), rare, true), false);
  const none = new Command("z");
  assert.equal(addSettingFlags(none, { settings: "none" }, false), false);
  assert.deepEqual(none.options, []);
});

Deno.test("addSettingFlags shows only what the verb wants to be shown", () => {
  const command = new Command("x");
  const chosen = { settings: ["FORMAT", "REDIS_URL"], shownSettings: ["REDIS_URL"] } as const;
  assert.equal(addSettingFlags(command, chosen, false), true);
  const shown = command.options.filter((option) => !option.hidden);
  assert.deepEqual(shown.map((option) => option.name()), ["config", "env-file", "redis-url"]);
});

Deno.test("settingFlagsGiven has what stands on the command line, as text", () => {
  const command = parsed("all", "--batch-size", "7", "--s3-force-path-style", "--config", "a.yaml");
  assert.deepEqual([...settingFlagsGiven(command)].sort(), [
    ["batch-size", "7"],
    ["config", "a.yaml"],
    ["s3-force-path-style", "true"],
  ]);
  assert.equal(settingFlagsGiven(parsed("all")).size, 0);
});

Deno.test("settingFlagsGiven takes the last of a flag given twice, and an empty value", () => {
  const command = parsed("all", "--format", "csv", "--format", "avro", "--s3-prefix", "");
  assert.deepEqual([...settingFlagsGiven(command)].sort(), [["format", "avro"], ["s3-prefix", ""]]);
});
