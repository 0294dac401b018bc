import { check } from "./check.ts";
import { completionsOf } from "./completions.ts";
import { configInit } from "./config_init.ts";
import { configSchema } from "./config_schema.ts";
import { configShow } from "./config_show.ts";
import { deadLettersList } from "./dead_letters_list.ts";
import { deadLettersRedrive } from "./dead_letters_redrive.ts";
import { deadLettersShow } from "./dead_letters_show.ts";
import { layoutRetire } from "./layout_retire.ts";
import { layoutSet } from "./layout_set.ts";
import { layoutShow } from "./layout_show.ts";
import { lockHold } from "./lock_hold.ts";
import { lockRelease } from "./lock_release.ts";
import { lockShow } from "./lock_show.ts";
import { positionAdopt } from "./position_adopt.ts";
import { positionSet } from "./position_set.ts";
import { positionShow } from "./position_show.ts";
import { flush } from "./flush.ts";
import { health } from "./health.ts";
import { pause } from "./pause.ts";
import { resume } from "./resume.ts";
import { run } from "./run.ts";
import { status } from "./status.ts";
import { tap } from "./tap.ts";
import type { Verb } from "./verb.ts";
import { verify } from "./verify.ts";
import { version } from "./version.ts";

/** What the first words of two-word verbs stand for. */
export const GROUPS: Readonly<Record<string, string>> = {
  config: "Write and show the configuration",
  position: "Show and move positions of streams",
  "dead-letters": "Show what could not be a row, and try again",
  layout: "Show and change the partitions of collections",
  lock: "Show, hold and release leases",
};

/** Every verb, in the order of the help. */
export const VERBS: readonly Verb[] = [
  run,
  check,
  tap,
  status,
  verify,
  health,
  pause,
  resume,
  flush,
  positionShow,
  positionSet,
  positionAdopt,
  deadLettersList,
  deadLettersShow,
  deadLettersRedrive,
  layoutShow,
  layoutSet,
  layoutRetire,
  lockShow,
  lockHold,
  lockRelease,
  configInit,
  configShow,
  configSchema,
  completionsOf(() => VERBS, GROUPS),
  version,
];
