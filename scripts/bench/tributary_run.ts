import { systemClock, withTimeout } from "../../src/support/clock.ts";
import { type Child, startChild } from "./child.ts";
import { type Usage, usageOf } from "./process_usage.ts";

/** The command line of `tributary run`, and its settings. */
export interface RunOrder {
  readonly command: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  readonly mongodPid: number;
  /** How many change streams it opens; default 1. */
  readonly streams?: number;
  /** Only what ranges of snapshots store is counted, from when the first of them begins. */
  readonly isSnapshot?: boolean;
}

/** A batch that was stored: when (ms since 1970), as its journal's record number, with so many events. */
export interface StoredBatch {
  readonly seq: number;
  readonly rows: number;
  readonly storedMs: number;
}

export interface RunFacts {
  readonly batches: readonly StoredBatch[];
  /** What is stored and not counted: of the streams beside a snapshot. */
  readonly others: readonly StoredBatch[];
  /** When the (first) change stream was open (ms since 1970). */
  readonly openedMs: number;
  /** The time that encoders were at work, of all encoders together. NaN unless LOG_LEVEL is debug. */
  readonly encodeMs: number;
  readonly encodedRows: number;
  /** Of all tables. 0 unless LOG_LEVEL is debug. */
  readonly tableCommits: number;
  readonly usage: Usage;
  readonly mongodCpuMicros: number;
}

/** Any run that takes longer has gone wrong. */
const RUN_MS_MAX = 60 * 60_000;
const PROBLEMS_SHOWN = 3;

/**
 * Runs the program until so many events are in the lake, as its log says, and stops it. `whenOpen` is told the
 * process when all change streams are open, and waited for before anything is looked at.
 */
export async function runTributary(
  order: RunOrder,
  events: number,
  whenOpen: (pid: number) => Promise<void> = () => Promise.resolve(),
): Promise<RunFacts> {
  const child = startChild(
    order.command,
    { ...order.settings, LOG_FORMAT: "json", HTTP_ADDRESS: "none" },
    "stderr",
  );
  try {
    return await withTimeout(
      systemClock,
      RUN_MS_MAX,
      follow(child, order, events, whenOpen),
      () => new Error(`A run took longer than ${RUN_MS_MAX / 60_000} minutes`),
    );
  } finally {
    await child.stop();
  }
}

async function follow(
  child: Child,
  { mongodPid, streams = 1, isSnapshot = false }: RunOrder,
  events: number,
  whenOpen: (pid: number) => Promise<void>,
): Promise<RunFacts> {
  const batches: StoredBatch[] = [];
  const others: StoredBatch[] = [];
  const problems: string[] = [];
  const open = new Set<string>();
  const encoding = { encodeMs: NaN, encodedRows: 0 };
  const opening = isSnapshot ? "Stream started" : "Change stream opened";
  const isCounted = (stream: string) => stream.startsWith("snapshot:") === isSnapshot;
  let tableCommits = 0;
  let openedMs = NaN;
  let rows = 0;
  let before: Usage | undefined;
  for await (const line of child.lines) {
    const entry = parseLine(line);
    if (entry.message === opening && isCounted(entry.stream) && !open.has(entry.stream)) {
      if (open.size === 0) {
        openedMs = entry.timeMs;
        before = await usageOf(mongodPid);
      }
      open.add(entry.stream);
      if (open.size === streams) await whenOpen(child.pid);
    }
    if (entry.message === "Batch encoded") {
      encoding.encodeMs = (encoding.encodedRows === 0 ? 0 : encoding.encodeMs) + entry.encodeMs;
      encoding.encodedRows += entry.rows;
    }
    if (entry.message === "Tables brought to where the lake is") tableCommits += entry.commits;
    if (entry.message === "Batch stored") {
      const batch = { seq: entry.seq, rows: entry.rows, storedMs: entry.timeMs };
      if (isCounted(entry.stream)) {
        batches.push(batch);
        rows += entry.rows;
      } else if (!Number.isNaN(openedMs)) others.push(batch);
    }
    if (entry.isProblem) problems.push(line);
    if (before === undefined || open.size < streams || rows < events) continue;
    const [usage, after] = await Promise.all([usageOf(child.pid), usageOf(mongodPid)]);
    return {
      batches,
      others,
      openedMs,
      ...encoding,
      tableCommits,
      usage,
      mongodCpuMicros: after.cpuMicros - before.cpuMicros,
    };
  }
  throw new Error(
    ["The program ended too early:", ...problems.slice(-PROBLEMS_SHOWN)].join("\n"),
  );
}

/** Events a second up to the batch with which so many were stored. */
export function rateOf(facts: Pick<RunFacts, "batches" | "openedMs">, counted: number): number {
  let rows = 0;
  for (const batch of facts.batches) {
    rows += batch.rows;
    if (rows >= counted) return rows / (batch.storedMs - facts.openedMs) * 1000;
  }
  throw new Error(`Only ${rows} of ${counted} events were stored`);
}

interface LogLine {
  readonly message: string;
  readonly stream: string;
  readonly timeMs: number;
  readonly seq: number;
  readonly rows: number;
  readonly encodeMs: number;
  readonly commits: number;
  readonly isProblem: boolean;
}

function parseLine(line: string): LogLine {
  const none = {
    message: "",
    stream: "",
    timeMs: NaN,
    seq: NaN,
    rows: 0,
    encodeMs: NaN,
    commits: 0,
  };
  if (!line.startsWith("{")) return { ...none, isProblem: true };
  const { time, level, message, stream = "", seq, rows, encodeMs, commits } = JSON.parse(line);
  const isProblem = level === "warn" || level === "error";
  return {
    message,
    stream,
    timeMs: Date.parse(time),
    seq,
    rows: Number(rows),
    encodeMs,
    commits,
    isProblem,
  };
}
