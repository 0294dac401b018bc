import { parseArgs } from "node:util";
import { parseDurationMs } from "../../src/support/units.ts";
import { SHAPE_NAMES, type ShapeName, SHAPES } from "./shapes.ts";

export interface LoadOptions {
  readonly uri: string;
  readonly database: string;
  readonly collections: number;
  readonly shape: ShapeName;
  readonly updates: number;
  readonly deletes: number;
  readonly seed: number;
  /** Infinity: until it is stopped. */
  readonly durationMs: number;
  readonly pace: Pace;
}

/** Changes a second: most of the time, and in bursts. */
export interface Pace {
  readonly rate: number;
  readonly burstRate: number;
  /** From the beginning of one burst to the next; Infinity: no bursts. */
  readonly burstEveryMs: number;
  readonly burstForMs: number;
}

export const USAGE = `deno task load --uri URI [options]

  --uri URI           the MongoDB to write into
  --database NAME     the database (load)
  --collections N     how many collections: ${"`load_0`, `load_1`, ..."} (1)
  --shape NAME        the documents: ${SHAPE_NAMES.join(", ")} (typical)
  --rate N            changes a second, over all collections (100)
  --burst-rate N      changes a second in bursts; without it there are none
  --burst-every TIME  from one burst to the next (1m)
  --burst-for TIME    how long a burst lasts (10s)
  --updates SHARE     the share of updates, from 0 to 1 (the shape's)
  --deletes SHARE     the share of deletes (the shape's)
  --duration TIME     as 30s or 5m (until it is stopped)
  --seed N            the same seed writes the same changes, but for _id (1)
`;

/** Reads the command line. Throws with a sentence for a person where it is wrong. */
export function parseLoadOptions(args: readonly string[]): LoadOptions {
  const { values } = parseArgs({ args: [...args], options: FLAGS });
  if (values.uri === undefined) throw new Error("--uri is missing: the MongoDB to write into");
  const shape = SHAPE_NAMES.find((name) => name === values.shape);
  if (shape === undefined) {
    throw new Error(`--shape is "${values.shape}" and must be one of ${SHAPE_NAMES.join(", ")}`);
  }
  const updates = share("--updates", values.updates, SHAPES[shape].updates);
  const deletes = share("--deletes", values.deletes, SHAPES[shape].deletes);
  if (updates + deletes > 1) throw new Error("--updates and --deletes are more than 1 together");
  const rate = number("--rate", values.rate, 1);
  const bursts = values["burst-rate"];
  return {
    uri: values.uri,
    database: values.database,
    collections: number("--collections", values.collections, 1),
    shape,
    updates,
    deletes,
    seed: number("--seed", values.seed, 0),
    durationMs: values.duration === undefined ? Infinity : time("--duration", values.duration),
    pace: {
      rate,
      burstRate: bursts === undefined ? rate : number("--burst-rate", bursts, 1),
      burstEveryMs: bursts === undefined ? Infinity : time("--burst-every", values["burst-every"]),
      burstForMs: time("--burst-for", values["burst-for"]),
    },
  };
}

const FLAGS = {
  uri: { type: "string" },
  database: { type: "string", default: "load" },
  collections: { type: "string", default: "1" },
  shape: { type: "string", default: "typical" },
  rate: { type: "string", default: "100" },
  "burst-rate": { type: "string" },
  "burst-every": { type: "string", default: "1m" },
  "burst-for": { type: "string", default: "10s" },
  updates: { type: "string" },
  deletes: { type: "string" },
  duration: { type: "string" },
  seed: { type: "string", default: "1" },
} as const;

function number(flag: string, text: string, min: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min) return value;
  throw new Error(`${flag} is "${text}" and must be a whole number from ${min}`);
}

function share(flag: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new Error(`${flag} is "${text}" and must be from 0 to 1`);
}

function time(flag: string, text: string): number {
  const ms = parseDurationMs(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new Error(`${flag} is "${text}" and must be a time such as 500ms, 30s or 5m`);
}
