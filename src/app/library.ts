import { hostname } from "node:os";
import type { LakeConfig } from "../config/config.ts";
import { formatFaults } from "../config/read/fault.ts";
import { LiveConfig } from "../config/live_config.ts";
import { loadConfig, loadLakeConfig, type LoadResult } from "../config/resolve/load.ts";
import { destinationUrl } from "../config/resolve/destination_target.ts";
import { secretsOf } from "../config/secrets.ts";
import type { SettingsGiven } from "../config/read/settings_given.ts";
import type { LakeReport } from "../journal/verify/verify_lake.ts";
import { PermanentError } from "../model/errors.ts";
import type { ActionOutcome, StreamAction } from "../observe/http/http_routes.ts";
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
  /**
   * When it is aborted, `check`, `verify` and a `runPipeline` that has not answered yet reject with its reason; a pipeline that
   * runs is stopped as by its handle.
   */
  readonly signal?: AbortSignal;
}

/** A pipeline that streams. Several may run in one process. */
export interface PipelineHandle {
  /** What runs and how far it is, as `/status` answers it. Nothing is asked for it. */
  status(): Status;
  /**
   * Stops reading the streams that a word means (`shop.orders`, `collection:shop.orders 1/4`), wherever they run, once what was
   * read is stored; `resume` reads them again, `flush` stores now what was read. They reject once the pipeline is told to stop.
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
  const { signal } = options;
  signal?.throwIfAborted();
  const config = configOf(settings, loadConfig);
  const { runPipeline: run } = await import("./run_pipeline.ts");
  const stop = new AbortController();
  const hard = new AbortController();
  const tools = toolsOf(config, options);
  const started = Promise.withResolvers<RunningPipeline>();
  const done = run(new LiveConfig(config), tools, stop.signal, hard.signal, started.resolve);
  done.catch(started.reject);
  const end = async () => {
    stop.abort(new DOMException("The pipeline is stopped", "AbortError"));
    const cut = () => hard.abort(new DOMException("SHUTDOWN_TIMEOUT has passed", "AbortError"));
    const timer = tools.clock.after(config.shutdownTimeoutMs, cut);
    await done.finally(() => timer.cancel());
  };
  const running = await startedUnlessAborted(started.promise, { done, stop, hard }, signal);
  const onAbort = () => void end().catch(() => {});
  signal?.addEventListener("abort", onAbort, { once: true });
  void done.catch(() => {}).finally(() => {
    signal?.removeEventListener("abort", onAbort);
    stop.abort(new DOMException("The pipeline has ended", "AbortError"));
  });
  const order = (action: StreamAction) => async (stream: string) => {
    if (!stop.signal.aborted) return await running.order(action, stream);
    const why = (stop.signal.reason as Error).message.replace("The pipeline", "the pipeline");
    throw new PermanentError(`Cannot ${action} ${stream}: ${why}; start another one`);
  };
  return {
    status: () => running.status(),
    ...{ pause: order("pause"), resume: order("resume"), flush: order("flush") },
    stop: end,
    done,
  };
}

/** Waits for a start; where the signal is aborted before it is done, ends what has begun and rejects with its reason. */
async function startedUnlessAborted(
  started: Promise<RunningPipeline>,
  { done, stop, hard }: {
    readonly done: Promise<unknown>;
    readonly stop: AbortController;
    readonly hard: AbortController;
  },
  signal: AbortSignal | undefined,
): Promise<RunningPipeline> {
  if (signal === undefined) return await started;
  const cut = () => {
    stop.abort(signal.reason);
    hard.abort(signal.reason);
  };
  signal.addEventListener("abort", cut, { once: true });
  try {
    const running = await started.catch((error) => {
      signal.throwIfAborted();
      throw error;
    });
    if (!signal.aborted) return running;
    await done.catch(() => {});
    throw signal.reason;
  } finally {
    signal.removeEventListener("abort", cut);
  }
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
  const { signal } = options;
  const command = commandOf(config, options);
  // What is aborted is a finding to those who look: here it is the end.
  const found = await unlessAborted(signal, () => commands.check(config, command));
  signal?.throwIfAborted();
  return found;
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
 * @throws {PermanentError} with all faults if the settings are wrong, or if there is no such stream.
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
  const command = commandOf(config, options);
  const report = await unlessAborted(
    options.signal,
    () => commands.verify(config, command, { ...rest, depth }, {}),
  );
  const { streams, lost, orphansFound } = report;
  if (choice.stream === undefined || streams.length + lost.length + orphansFound > 0) return report;
  throw new PermanentError(
    `Cannot verify ${choice.stream}: there is no such stream below ` +
      `${
        destinationUrl(config.destination)
      }, which has ${report.streamsInLake}; leave it out for all`,
  );
}

/** The outcome of `work`, or a rejection as soon as the signal is aborted; what does not listen goes on unheard. */
async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return await work();
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work(), aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
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
