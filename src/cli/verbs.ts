import { check } from "./check.ts";
import { configInit } from "./config_init.ts";
import { configSchema } from "./config_schema.ts";
import { configShow } from "./config_show.ts";
import { run } from "./run.ts";
import type { Verb } from "./verb.ts";
import { verify } from "./verify.ts";
import { version } from "./version.ts";

/** Every verb, in the order of the help. */
export const VERBS: readonly Verb[] = [
  run,
  check,
  verify,
  configInit,
  configShow,
  configSchema,
  version,
];

/** What the first words of two-word verbs stand for. */
export const GROUPS: Readonly<Record<string, string>> = {
  config: "Write and show the configuration",
  position: "Show and move positions of streams",
  layout: "Show and change the partitions of collections",
  lock: "Show, hold and release leases",
};
