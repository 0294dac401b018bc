import { isRangeKey, parseRangeKey, rangeName } from "./snapshot.ts";
import { parseStreamKey, parseStreamName, type Stream, streamName, targetKey } from "./stream.ts";

/**
 * The stream that a person names: as `streamName` writes it, or a collection as `db.coll`. Undefined for other texts.
 */
export function parseTarget(word: string): Stream | undefined {
  const stream = parseStreamName(word);
  if (stream !== undefined) return stream;
  return /^[^.:]+\../.test(word) ? parseStreamName(`collection:${word}`) : undefined;
}

/**
 * Those of the keys that a person means: by the key itself, by the stream's name, or by its target, which stands for
 * all partitions of a collection and the ranges of its snapshot.
 */
export function chooseStreamKeys(keys: readonly string[], word: string): string[] {
  const target = parseTarget(word);
  const wanted = target === undefined ? undefined : targetKey(target);
  return keys.filter((key) =>
    key === word || key === wanted || isPartitionOf(key, wanted) || isRangeOf(key, wanted) ||
    nameOfKey(key) === word
  );
}

/** Names that are remembered: those of thousands of streams are asked for every few seconds. */
const NAMES_MAX = 20_000;

const names = new Map<string, string>();

/** How people name the stream with this key; the key itself where it holds a shortened name. */
export function nameOfKey(key: string): string {
  const known = names.get(key);
  if (known !== undefined) return known;
  if (names.size >= NAMES_MAX) names.clear();
  const name = findName(key);
  names.set(key, name);
  return name;
}

function findName(key: string): string {
  if (isRangeKey(key)) return rangeName(key);
  const stream = parseStreamKey(key);
  return stream === undefined ? key : streamName(stream);
}

function isRangeOf(key: string, target: string | undefined): boolean {
  const stream = isRangeKey(key) ? parseRangeKey(key)?.stream : undefined;
  return stream !== undefined && targetKey(stream) === target;
}

function isPartitionOf(key: string, target: string | undefined): boolean {
  return target !== undefined && key.startsWith(`${target}.`) &&
    /^e\d+\.\d+of\d+$/.test(key.slice(target.length + 1));
}
