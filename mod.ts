/**
 * tributary as a library: pipelines that stream MongoDB's change events into a lake, run by a program of yours.
 *
 * Importing it does nothing. What its functions take and give is explained on each.
 *
 * @module
 */
export {
  check,
  type LibraryOptions,
  type PipelineHandle,
  runPipeline,
  verify,
  type VerifyChoice,
} from "./src/app/library.ts";
export type { RunOutcome } from "./src/app/run_pipeline.ts";
export type { SettingsGiven } from "./src/config/settings_given.ts";
export type { LakeReport } from "./src/journal/verify_lake.ts";
export { HistoryLostError, PermanentError, TransientError } from "./src/model/errors.ts";
export type { ActionOutcome } from "./src/observe/http_routes.ts";
export type { Status } from "./src/observe/status.ts";
export type { Finding } from "./src/support/finding.ts";
export type { Log, LogFields } from "./src/support/log.ts";
