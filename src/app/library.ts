import { hostname } from "node:os";
import type { LakeConfig } from "../config/config.ts";
import { formatFaults } from "../config/read/fault.ts";
import { LiveConfig } from "../config/live_config.ts";
import { loadConfig, loadLakeConfig, type LoadResult } from "../config/resolve/load.ts";
import { secretsOf } from "../config/secrets.ts";
import type { SettingsGiven } from "../config/read/settings_given.ts";
import type { LakeReport } from "../journal/verify/verify_lake.ts";
import { PermanentError } from "../model/errors.ts";
import type { ActionOutcome } from "../observe/http/http_routes.ts";
import type { Status } from "../observe/status/status.ts";
import { maskedLog } from "../observe/log/masked_log.ts";
import { systemClock } from "../support/clock.ts";
import type { Finding } from "../support/check_result.ts";
import { type Log, silentLog } from "../support/log.ts";
import { systemRandom } from "../support/random.ts";
import type { Command } from "./commands.ts";
import type { AppTools } from "./adapters.ts";
import type { RunningPipeline, RunOutcome } from "./run_pipeline.ts";

// The drivers are heavy, and ask for permissions when they are loaded: that waits until somebody calls.

/** What is given beside settings. */
export interface LibraryOptions {
  /** Where the program's log goes. Default: nowhere. */
  readonly log?: Log;
  /** Cuts `check` and `verify` off: what they were waiting for fails then. A pipeline is stopped by its handle. */
  readonly signal?: AbortSignal;
}

/** A pipeline that streams. Several may run in one process. */
export interface PipelineHandle {
  /** What runs and how far it is, as `/status` answers it. Nothing is asked for it. */
  status(): Status;
  /**
   * Stops reading the streams that a word means (`shop.orders`, `collection:shop.orders 1/4`), wherever they run, once what was
   * read is stored; `resume` reads them again, `flush` stores now what was read.
   */
  pause(stream: string): Promise<ActionOutcome>;
  resume(stream: string): Promise<ActionOutcome>;
  flush(stream: string): Promise<ActionOutcome>;
  /** Stores what was read, gives its streams to other instances, and ends; what does not end within SHUTDOWN_TIMEOUT is cut off. */
  stop(): Promise<void>;
  /**
   * Resolves when it has ended: `stopped`, or `all-failed` where every stream has failed in a way that only other settings can
   * mend. Rejects on a fault of the program.
   */
  readonly done: Promise<RunOutcome>;
}

/**
 * Starts a pipeline, and answers when it is known which streams there are; `status` says when each is read. Settings have the
 * names they have in the YAML file.
 *
 * No variables of the environment and no files are read, but for those that settings name; no HTTP server is opened unless
 * `httpAddress` is set, no signal is listened to, and nothing that is global is changed.
 *
 * @throws {PermanentError} with all faults if the settings are wrong, or if a server refuses what they ask for.
 * @throws {TransientError} if a server does not answer.
 */
export async function runPipeline(
  settings: SettingsGiven,
  options: LibraryOptions = {},
): Promise<PipelineHandle> {
  const config = configOf(settings, loadConfig);
  const { runPipeline: run } = await import("./run_pipeline.ts");
  const stop = new AbortController();
  const hard = new AbortController();
  const tools = toolsOf(config, options);
  const started = Promise.withResolvers<RunningPipeline>();
  const done = run(new LiveConfig(config), tools, stop.signal, hard.signal, started.resolve);
  done.catch(started.reject);
  const running = await started.promise;
  return {
    status: () => running.status(),
    pause: (stream) => running.order("pause", stream),
    resume: (stream) => running.order("resume", stream),
    flush: (stream) => running.order("flush", stream),
    async stop() {
      stop.abort(new DOMException("The pipeline is stopped", "AbortError"));
      const cut = () => hard.abort(new DOMException("SHUTDOWN_TIMEOUT has passed", "AbortError"));
      const timer = tools.clock.after(config.shutdownTimeoutMs, cut);
      await done.finally(() => timer.cancel());
    },
    done,
  };
}

/**
 * Looks whether MongoDB, the destination and Redis fit a run, and changes nothing but a small object that it deletes.
 *
 * @throws {PermanentError} with all faults if the settings are wrong.
 */
export async function check(
  settings: SettingsGiven,
  options: LibraryOptions = {},
): Promise<readonly Finding[]> {
  const config = configOf(settings, loadConfig);
  const commands = await import("./commands.ts");
  return await commands.check(config, commandOf(config, options));
}

/** What of a lake is verified. */
export interface VerifyChoice {
  /** As `status` names it. Default: all streams. */
  readonly stream?: string;
  /** Objects of events before this time (seconds since 1970) are left out. */
  readonly sinceSeconds?: number;
  /** Reads and decodes every object. Default: sizes and checksums are compared. */
  readonly read?: boolean;
}

/**
 * Compares a lake with its journals, object by object. Needs no MongoDB.
 *
 * @throws {PermanentError} with all faults if the settings are wrong.
 * @throws {TransientError} if the destination does not answer.
 */
export async function verify(
  settings: SettingsGiven,
  choice: VerifyChoice = {},
  options: LibraryOptions = {},
): Promise<LakeReport> {
  const { read = false, ...rest } = choice;
  const config = configOf(settings, loadLakeConfig);
  const depth = read ? "everything" : "stored";
  const commands = await import("./verify_command.ts");
  return await commands.verify(config, commandOf(config, options), { ...rest, depth }, {});
}

type Load<C extends LakeConfig> = (
  sources: Parameters<typeof loadConfig>[0],
  machine: Parameters<typeof loadConfig>[1],
) => LoadResult<C>;

function configOf<C extends LakeConfig>(given: SettingsGiven, load: Load<C>): C {
  const sources = {
    flags: new Map(),
    env: () => undefined,
    readTextFile: (path: string) => Deno.readTextFileSync(path),
    given: { httpAddress: "none", ...given },
  };
  const machine = { hostName: hostname(), cores: navigator.hardwareConcurrency };
  const loaded = load(sources, machine);
  if (!loaded.ok) throw new PermanentError(formatFaults(loaded.faults));
  return loaded.config;
}

/** What a log is given contains no password. */
function toolsOf(config: LakeConfig, { log = silentLog }: LibraryOptions): AppTools {
  const masked = maskedLog(log, secretsOf(config));
  return { clock: systemClock, random: systemRandom, log: masked, hostName: hostname() };
}

function commandOf(config: LakeConfig, options: LibraryOptions): Command {
  const { signal = new AbortController().signal } = options;
  return { tools: toolsOf(config, options), signal, reached: () => {} };
}
