import { type LogEntry, runInProcess } from "./program_in_process.ts";

/** The pipeline of the tour while it runs. */
export interface Pipeline {
  /** Resolves when it reads; rejects if it ends before. */
  readonly reading: Promise<void>;
  /** Resolves when all that was there before is in the lake; rejects if it ends before. */
  readonly before: Promise<void>;
  /** Events and objects in the lake so far. */
  readonly stored: { readonly rows: number; readonly objects: number };
  /** Whether it has ended, by itself or because it was stopped. */
  readonly hasEnded: boolean;
  /** Stops it and waits until everything it has read is in the lake. Throws if it failed. */
  stop(): Promise<void>;
}

/** Runs `tributary run` with these arguments in this process and follows its log. */
export function startPipeline(args: readonly string[]): Pipeline {
  const stored = { rows: 0, objects: 0 };
  const problems: string[] = [];
  const reading = Promise.withResolvers<void>();
  const before = Promise.withResolvers<void>();
  const onLog = (entry: LogEntry) => {
    if (entry.message === "Change stream opened") reading.resolve();
    if (entry.message === "The snapshot is complete") before.resolve();
    if (entry.message === "Batch stored") {
      stored.rows += Number(entry["rows"]);
      stored.objects += Number(entry["objects"]);
    }
    if (entry.level === "error" || entry.level === "warn") problems.push(describe(entry));
  };
  const program = runInProcess(["run", ...args, "--log-format", "json"], onLog);
  let hasEnded = false;
  const ended = program.code.then((code) => {
    hasEnded = true;
    if (code === 0) return;
    throw new Error(["The pipeline failed:", ...problems.slice(-5)].join("\n"));
  });
  for (const each of [reading, before]) {
    ended.then(() => each.reject(new Error("The pipeline was stopped")), each.reject);
    // Whoever does not wait for it hears of a failure from `stop`.
    each.promise.catch(() => {});
  }
  return {
    ...{ reading: reading.promise, before: before.promise },
    stored,
    get hasEnded() {
      return hasEnded;
    },
    async stop() {
      program.stop();
      await ended;
    },
  };
}

function describe(entry: LogEntry): string {
  const reason = entry["error"] ?? entry["reason"];
  return reason === undefined ? entry.message : `${entry.message}: ${reason}`;
}
