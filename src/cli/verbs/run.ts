import type { Config } from "../../config/config.ts";
import { LiveConfig } from "../../config/live_config.ts";
import { secretsOf } from "../../config/secrets.ts";
import type { Reading } from "../../config/reload.ts";
import { errorMessage } from "../../model/errors.ts";
import type { LogTail } from "../../observe/log/log_tail.ts";
import { sleep, systemClock } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";
import { systemRandom } from "../../support/random.ts";
import { formatDuration } from "../../support/units.ts";
import { wantsColours } from "../text/colours.ts";
import type { Host } from "../host.ts";
import { configOrExplain, EXIT, type ExitCode, type Verb } from "../verb.ts";

/** After the shutdown timeout everything is cut off; so long the process waits for that to show. */
const CUT_OFF_MS = 2000;

/** `tributary run`. */
export const run: Verb = {
  name: "run",
  summary: "Stream change events into the lake until told to stop",
  example: "tributary run --mongodb-uri mongodb://db/ --destination s3://lake/shop",
  settings: "all",
  async run({ host, ...context }) {
    const loaded = configOrExplain({ host, ...context });
    if (loaded === undefined) return EXIT.usage;
    const { config } = loaded;
    const [{ createLog }, { LogTail }, { captureLibraryOutput }, { readAgain }] = await Promise.all(
      [
        import("../../observe/log/log.ts"),
        import("../../observe/log/log_tail.ts"),
        import("../../observe/log/log_of_libraries.ts"),
        import("../read_again.ts"),
      ],
    );
    const logTail = new LogTail();
    const format = config.logFormat ?? (host.stderr.isTerminal ? "text" : "json");
    const log = createLog({
      level: config.logLevel,
      format: format === "text" && host.stderr.isTerminal ? "terminal" : format,
      colours: format === "text" && wantsColours(host.stderr, host),
      common: { instance: config.instanceName, pipeline: config.pipelineName },
      clock: systemClock,
      write: (line) => host.stderr.write(line),
      secrets: secretsOf(config),
      keep: (entry) => logTail.take(entry),
    });
    using _captured = captureLibraryOutput(log);
    for (const { name: variable, instead } of loaded.loaded.idle) {
      log.warn("A variable of another system does nothing here", { variable, instead });
    }
    const stop = new AbortController();
    const hard = new AbortController();
    const live = new LiveConfig(config);
    live.onReplaced(({ logLevel }) => log.setLevel(logLevel));
    let inForce: Reading = loaded;
    const unlisteners = [
      host.onStopSignal((signal) => onSignal(signal, stop, hard, log)),
      host.onHangup((meaning) => {
        if (meaning === "terminal-gone") return onSignal("SIGHUP", stop, hard, log);
        if (stop.signal.aborted) return;
        inForce = readAgain(inForce, context.loadConfig(), live, { log, clock: systemClock });
      }),
    ];
    try {
      return await Promise.race([
        runToEnd(live, host, { log, logTail }, stop.signal, hard.signal),
        cutOff(config, log, stop.signal, hard),
      ]);
    } finally {
      for (const unlisten of unlisteners) unlisten();
    }
  },
};

/** The first signal asks to stop, the second ends the process at once; the journal finishes what is under way. */
function onSignal(signal: string, stop: AbortController, hard: AbortController, log: Log): void {
  if (!stop.signal.aborted) {
    log.info("Stopping: storing what has been read", { signal });
    stop.abort(new Error(`Stopped by ${signal}`));
    return;
  }
  log.warn("Ending at once; the next start finishes what is under way", { signal });
  hard.abort(new Error(`Ended by a second ${signal}`));
}

async function runToEnd(
  live: LiveConfig,
  host: Host,
  { log, logTail }: { readonly log: Log; readonly logTail: LogTail },
  stop: AbortSignal,
  hard: AbortSignal,
): Promise<ExitCode> {
  // The drivers are heavy: help and version must not wait for them.
  const { runPipeline } = await import("../../app.ts");
  const tools = {
    clock: systemClock,
    random: systemRandom,
    log,
    logTail,
    hostName: host.machine.hostName,
    env: host.env,
  };
  let isReady = false;
  try {
    const outcome = await runPipeline(live, tools, stop, hard, () => isReady = true);
    if (outcome === "stopped") {
      // What was cut off has not been stored, even where everything ended in time.
      if (hard.aborted) return EXIT.failed;
      log.info("Stopped");
      return EXIT.done;
    }
    log.error("No stream can run with these settings; see the errors above");
    return EXIT.failed;
  } catch (error) {
    if (stop.aborted && !isReady) return EXIT.done;
    log.error(isReady ? "Failed" : "Cannot start", { error: errorMessage(error) });
    return isReady ? EXIT.failed : EXIT.preflight;
  }
}

/** Ends the run when stopping takes too long, or a second signal comes. */
async function cutOff(
  config: Config,
  log: Log,
  stop: AbortSignal,
  hard: AbortController,
): Promise<ExitCode> {
  await aborted(stop);
  await Promise.race([
    sleep(systemClock, config.shutdownTimeoutMs, hard.signal).catch(() => {}), // A second signal.
    aborted(hard.signal),
  ]);
  if (!hard.signal.aborted) {
    log.error("Stopping took too long; the next start finishes what is under way", {
      timeout: formatDuration(config.shutdownTimeoutMs),
    });
    hard.abort(new Error("SHUTDOWN_TIMEOUT has passed"));
    await sleep(systemClock, CUT_OFF_MS);
  }
  return EXIT.failed;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
