/**
 * The composition root's face. What is behind it, `app/`, are the only files that know which adapter stands behind which
 * interface: they build what a verb needs from the configuration and release it in reverse.
 */
export { check, type Command, look, operate } from "./app/commands.ts";
export { deadLetters } from "./app/dead_letters.ts";
export { meet } from "./app/fleet_admin.ts";
export type { AppTools } from "./app/adapters.ts";
export { askSnapshot, snapshots } from "./app/snapshot_commands.ts";
export { buildTables, type TableReport } from "./app/tables/build_tables.ts";
export type { TableInCatalog } from "./app/tables/open_format.ts";
export { type CompactionReport, compactTables } from "./app/tables/compact_tables.ts";
export {
  dropTables,
  type ShownTable,
  showTables,
  type TableVerdict,
  type UnreadTable,
  verifyTables,
} from "./app/tables/table_commands.ts";
export { tap } from "./app/tap.ts";
export { type RunOutcome, runPipeline } from "./app/run_pipeline.ts";
export { accept, verify } from "./app/verify_command.ts";
