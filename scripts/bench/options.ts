import { parseArgs } from "node:util";
import { SHAPE_NAMES, type ShapeName } from "../load/shapes.ts";
import { WORK_NAMES, type WorkName } from "./tributary_contestant.ts";

/** What else is measured than how fast backlogs of one stream are read. */
export type Kind =
  | "latency"
  | "growth"
  | "idle"
  | "streams"
  | "encoders"
  | "filters"
  | "objects"
  | "snapshot"
  | "beside"
  | "tables";

export interface BenchOptions {
  readonly shape: ShapeName;
  readonly works: readonly WorkName[];
  readonly rounds: number;
  readonly events: number;
  /** The executable to measure; undefined: `main.ts` by `deno run`. */
  readonly program: string | undefined;
  /** A shell command that is measured in the same rounds. */
  readonly against: string | undefined;
  /** Settings of tributary for all works. */
  readonly settings: Readonly<Record<string, string>>;
  /** V8 flags for `deno run`. */
  readonly v8Flags: string | undefined;
  readonly what: "throughput" | Kind;
  /** How many collections, where many are measured; each number in its turn. */
  readonly collections: readonly number[] | undefined;
  readonly quick: boolean;
  /** Where the figures go; undefined: nowhere. */
  readonly output: string | undefined;
}

export const USAGE = `deno task bench [options]

  --shape NAME        the documents: ${SHAPE_NAMES.join(", ")} (typical)
  --works LIST        what is written: ${WORK_NAMES.join(", ")} (all; parquet for --snapshot)
  --rounds N          how often each contestant runs (5)
  --events N          events of the backlog that count (500000; fewer if large, or with many streams or filters)
  --program PATH      the executable to measure (main.ts by deno run)
  --against COMMAND   any other program, run in the same rounds; see docs/performance.md
  --set NAME=VALUE    a setting of tributary; may be repeated
  --v8-flags FLAGS    for deno run, in place of those of the task start
  --latency           measures the time from commit to object instead
  --grow              measures backlogs of 0.2, 2 and 10 million events instead
  --idle              measures streams in which nothing happens instead
  --streams           measures many collections and partitions instead
  --collections LIST  how many, for --idle and --objects (200), --streams (50,200)
  --encoders          measures ENCODERS=0, 1, 2 and 4 instead
  --filters           measures what filters of collections cost mongod instead
  --objects           measures what an object costs beside its rows, by format, instead
  --snapshot          measures documents that are there before, beside a raw find, instead
  --beside            measures the latency of a stream while such documents are read, and alone, instead
  --tables            measures what keeping tables costs a backlog instead
  --quick             one round of 50,000 events at most, to see that it works
  --output FILE       the figures as JSON (bench/results.json; with --quick none)
`;

/** Backlogs of large documents are held to about so many bytes. */
const BACKLOG_BYTES_MAX = 500_000_000;

/**
 * Long enough that the last batch's way to its object, and the compiling of the code, count little; but where there are
 * many streams or filters, the server reads every event for each of them.
 */
function defaultEvents(what: BenchOptions["what"], quick: boolean): number {
  if (what === "filters") return quick ? 1_000 : 10_000;
  if (quick) return 50_000;
  return what === "streams" || what === "objects" ? 100_000 : 500_000;
}

/** Reads the command line. Throws with a sentence for a person where it is wrong. */
export function parseOptions(
  args: readonly string[],
  documentBytes: (shape: ShapeName) => number,
): BenchOptions {
  const { values } = parseArgs({ args: [...args], options: FLAGS });
  const shape = oneOf("--shape", values.shape, SHAPE_NAMES);
  const what = kindOf(values);
  const events = wholeNumber(
    "--events",
    values.events ?? String(defaultEvents(what, values.quick)),
  );
  const worksThen = what === "snapshot" ? ["parquet"] : WORK_NAMES;
  const works = values.works?.split(",") ?? worksThen;
  const isHeld = values.events === undefined;
  const eventsMax = isHeld ? Math.floor(BACKLOG_BYTES_MAX / documentBytes(shape)) : Infinity;
  return {
    shape,
    works: works.map((name) => oneOf("--works", name, WORK_NAMES)),
    rounds: wholeNumber("--rounds", values.rounds ?? (values.quick ? "1" : "5")),
    events: Math.min(events, eventsMax),
    program: values.program,
    against: values.against,
    settings: Object.fromEntries((values.set ?? []).map(settingOf)),
    v8Flags: values["v8-flags"],
    what,
    collections: values.collections?.split(",").map((each) => wholeNumber("--collections", each)),
    quick: values.quick,
    output: values.output ?? (values.quick ? undefined : "bench/results.json"),
  };
}

const FLAGS = {
  shape: { type: "string", default: "typical" },
  works: { type: "string" },
  rounds: { type: "string" },
  events: { type: "string" },
  program: { type: "string" },
  against: { type: "string" },
  set: { type: "string", multiple: true },
  "v8-flags": { type: "string" },
  latency: { type: "boolean", default: false },
  grow: { type: "boolean", default: false },
  idle: { type: "boolean", default: false },
  streams: { type: "boolean", default: false },
  encoders: { type: "boolean", default: false },
  filters: { type: "boolean", default: false },
  objects: { type: "boolean", default: false },
  snapshot: { type: "boolean", default: false },
  beside: { type: "boolean", default: false },
  tables: { type: "boolean", default: false },
  collections: { type: "string" },
  quick: { type: "boolean", default: false },
  output: { type: "string" },
} as const;

const KINDS = {
  latency: "latency",
  grow: "growth",
  idle: "idle",
  streams: "streams",
  encoders: "encoders",
  filters: "filters",
  objects: "objects",
  snapshot: "snapshot",
  beside: "beside",
  tables: "tables",
} as const;

function kindOf(values: { readonly [flag in keyof typeof KINDS]: boolean }): BenchOptions["what"] {
  const flags = Object.keys(KINDS) as (keyof typeof KINDS)[];
  const [flag, another] = flags.filter((each) => values[each]);
  if (another !== undefined) throw new Error(`--${flag} and --${another} cannot be had together`);
  return flag === undefined ? "throughput" : KINDS[flag];
}

function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found !== undefined) return found;
  throw new Error(`${flag} is "${value}" and must be one of ${allowed.join(", ")}`);
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`${flag} is "${text}" and must be a whole number from 1`);
}

function settingOf(text: string): [string, string] {
  const [name, ...rest] = text.split("=");
  if (rest.length > 0 && /^[A-Z0-9_]+$/.test(name!)) return [name!, rest.join("=")];
  throw new Error(`--set is "${text}" and must be NAME=VALUE`);
}
