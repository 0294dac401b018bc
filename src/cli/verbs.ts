import { check } from "./verbs/check.ts";
import { completionsOf } from "./verbs/completions.ts";
import { configInit } from "./verbs/config_init.ts";
import { configSchema } from "./verbs/config_schema.ts";
import { configShow } from "./verbs/config_show.ts";
import { deadLettersList } from "./verbs/dead_letters_list.ts";
import { deadLettersRedrive } from "./verbs/dead_letters_redrive.ts";
import { deadLettersShow } from "./verbs/dead_letters_show.ts";
import { layoutRetire } from "./verbs/layout_retire.ts";
import { layoutSet } from "./verbs/layout_set.ts";
import { layoutShow } from "./verbs/layout_show.ts";
import { lockHold } from "./verbs/lock_hold.ts";
import { lockRelease } from "./verbs/lock_release.ts";
import { lockShow } from "./verbs/lock_show.ts";
import { positionAdopt } from "./verbs/position_adopt.ts";
import { positionSet } from "./verbs/position_set.ts";
import { positionShow } from "./verbs/position_show.ts";
import { flush } from "./verbs/flush.ts";
import { health } from "./verbs/health.ts";
import { pause } from "./verbs/pause.ts";
import { resume } from "./verbs/resume.ts";
import { run } from "./verbs/run.ts";
import { status } from "./verbs/status.ts";
import { tableBuild } from "./verbs/table_build.ts";
import { tableCompact } from "./verbs/table_compact.ts";
import { tableDrop } from "./verbs/table_drop.ts";
import { tableShow } from "./verbs/table_show.ts";
import { tableVerify } from "./verbs/table_verify.ts";
import { tap } from "./verbs/tap.ts";
import { snapshotCancel } from "./verbs/snapshot_cancel.ts";
import { snapshotPause } from "./verbs/snapshot_pause.ts";
import { snapshotResume } from "./verbs/snapshot_resume.ts";
import { snapshotStart } from "./verbs/snapshot_start.ts";
import { snapshotStatus } from "./verbs/snapshot_status.ts";
import type { Verb } from "./verb.ts";
import { verify } from "./verbs/verify.ts";
import { version } from "./verbs/version.ts";

/** What the first words of two-word verbs stand for. */
export const GROUPS: Readonly<Record<string, string>> = {
  config: "Write and show the configuration",
  snapshot: "Read the documents that are there",
  position: "Show and move positions of streams",
  "dead-letters": "Show what could not be a row, and try again",
  table: "Make tables of what is in the lake, and look at them",
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
  snapshotStart,
  snapshotStatus,
  snapshotPause,
  snapshotResume,
  snapshotCancel,
  positionShow,
  positionSet,
  positionAdopt,
  deadLettersList,
  deadLettersShow,
  deadLettersRedrive,
  tableShow,
  tableBuild,
  tableVerify,
  tableCompact,
  tableDrop,
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
