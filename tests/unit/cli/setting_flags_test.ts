import assert from "node:assert/strict";
import { Command } from "commander";
import { addSettingFlags, settingFlagsGiven } from "../../../src/cli/setting_flags.ts";
import { FLAGS } from "../../../src/config/schema.ts";

function parsed(names: Parameters<typeof addSettingFlags>[1], ...args: string[]): Command {
  const command = new Command("x").exitOverride();
  addSettingFlags(command, names, false);
  return command.parse(args, { from: "user" });
}

Deno.test("addSettingFlags adds a flag for every way to write a setting", () => {
  const names = parsed("all").options.map((option) => option.name());
  assert.deepEqual(names.sort(), [...FLAGS.keys(), "config"].sort());
});

Deno.test("addSettingFlags adds only what a verb takes, and says whether something is hidden", () => {
  const command = new Command("x");
  assert.equal(addSettingFlags(command, ["FORMAT"], false), false);
  assert.deepEqual(command.options.map((option) => option.name()), ["config", "format"]);
  assert.equal(addSettingFlags(new Command("y"), ["FORMAT", "ENCODERS"], false), true);
  const none = new Command("z");
  assert.equal(addSettingFlags(none, "none", false), false);
  assert.deepEqual(none.options, []);
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
