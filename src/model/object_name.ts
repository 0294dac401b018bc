/** What the name of an object or a dead-letter file says of the record that names it. */
export interface ObjectNameParts {
  readonly streamKey: string;
  /** Of the journal. */
  readonly lake: string;
  readonly seq: number;
  readonly index: number;
  /** The first digits of the record's id; names that records of version 1 gave have none. */
  readonly id?: string;
}

/**
 * Reads the file names that this program gives: `{streamKey}-{lake}-{seq}-{index}[-{id}].{extension}`. The key's folders
 * say nothing, for they come from settings. Undefined for files of other people.
 */
export function readObjectName(key: string): ObjectNameParts | undefined {
  const match = NAME.exec(key.slice(key.lastIndexOf("/") + 1));
  if (match === null) return undefined;
  const [, streamKey, lake, seq, index, id] = match;
  const name = { streamKey: streamKey!, lake: lake!, seq: Number(seq), index: Number(index) };
  return id === undefined ? name : { ...name, id };
}

/** An index has fewer digits than an id, so what comes last is told apart; a collection's name may look like all of it. */
const NAME = new RegExp(
  "^(deployment|(?:database|collection)\\.[A-Za-z0-9_.%~-]+)" +
    "-([0-9a-f]{8})-(\\d{1,16})-(\\d{1,7})(?:-([0-9a-f]{8}))?" +
    "\\.(?:parquet|avro|(?:jsonl|csv)(?:\\.(?:gz|zst))?|bson)$",
);
