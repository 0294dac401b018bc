import {
  arrayOf,
  isMap,
  jsonObject,
  mapOf,
  openObjectOf,
  type Shape,
  text,
  wholeNumber,
} from "../../support/json_shape.ts";
import { type Action, type Add, decodePath, type Protocol, type Remove } from "./actions.ts";

const path: Shape<string> = (value, at) => {
  const shown = text()(value, at);
  decodePath(shown);
  return shown;
};

/** Of other programs' own: beyond what a number holds exactly, too. */
const number: Shape<number> = (value, at) =>
  typeof value === "number" ? value : wholeNumber(0)(value, at);

const texts = arrayOf(text());
const version = wholeNumber(0);

/** What is read of each kind; the rest may be anything. */
const SHAPES: Readonly<Record<keyof Action, Shape<unknown>>> = {
  commitInfo: jsonObject,
  protocol: openObjectOf<
    Pick<Protocol, "minReaderVersion" | "minWriterVersion" | "writerFeatures">
  >(
    { minReaderVersion: version, minWriterVersion: version, writerFeatures: texts },
    ["writerFeatures"],
  ),
  metaData: openObjectOf({
    ...{ id: text(), schemaString: text(), partitionColumns: texts },
    configuration: mapOf(text()),
  }),
  txn: openObjectOf({ appId: text(), version: number }),
  add: openObjectOf<Pick<Add, "path" | "size" | "stats">>(
    { path, size: number, stats: text() },
    ["stats"],
  ),
  remove: openObjectOf<Pick<Remove, "path" | "deletionTimestamp">>(
    { path, deletionTimestamp: number },
    ["deletionTimestamp"],
  ),
};
const KINDS = Object.keys(SHAPES) as (keyof Action)[];

/**
 * An action as a log entry or a checkpoint has it: whatever is null is left out, and integers of 64 bits become numbers. Throws an
 * error that says what is not as it must be.
 */
export function readAction(value: unknown): Action {
  if (!isMap(value)) throw new RangeError(`${JSON.stringify(value)} is no action`);
  const action = plain(value) as Record<string, unknown>;
  if (isMap(action["metaData"])) {
    action["metaData"] = { partitionColumns: [], configuration: {}, ...action["metaData"] };
  }
  for (const kind of KINDS) {
    if (action[kind] !== undefined) SHAPES[kind](action[kind], kind, "left-out");
  }
  return action as Action;
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, v]) => v !== null && v !== undefined);
  return Object.fromEntries(entries.map(([name, v]) => [name, plain(v)]));
}
