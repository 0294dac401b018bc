/** A program with little to complete. */
import { type FlagForm, HELP_FLAG, type VerbForm } from "../../../../src/cli/verb_forms.ts";

const MODE: FlagForm = {
  name: "--mode",
  summary: "how",
  value: { placeholder: "MODE", optional: false, from: ["fast", "a:b"] },
};

const QUICK: FlagForm = {
  name: "--quick",
  summary: "at once",
  value: { placeholder: "BOOL", optional: true, from: ["true", "false"] },
};

const FILE: FlagForm = {
  name: "--file",
  summary: "where",
  value: { placeholder: "FILE", optional: false, from: "file" },
};

const ID: FlagForm = {
  name: "--id",
  summary: "which",
  value: { placeholder: "ID", optional: false, from: "anything" },
};

export const FORMS: readonly VerbForm[] = [
  {
    name: "run",
    summary: "Go",
    arguments: [{ name: "<where>", description: "where to", words: ["home", "away"] }],
    ownFlags: [HELP_FLAG],
    settingFlags: [MODE, QUICK, FILE],
  },
  { name: "lock show", summary: "Who has [it]", arguments: [], ownFlags: [], settingFlags: [MODE] },
  { name: "lock end", summary: "It's over", arguments: [], ownFlags: [ID], settingFlags: [MODE] },
];
