import { FILE_EXTENSIONS } from "../format.ts";

/** What the name of an object or a dead-letter file says of the record that names it. */
export interface ObjectNameParts {
  readonly streamKey: string;
  /** The first digits of the record's id; in names of an older program those of its journal, `lake`. */
  readonly mark: string;
  readonly seq: number;
  readonly index: number;
  /** Made of dead letters after all: a note of a redrive names it, and no record. */
  readonly isRedriven?: true;
}

/**
 * Reads the file names that this program gives: `{streamKey}-{mark}-{seq}-{index}.{extension}`, with `.redriven` before the
 * extension of what was made of dead letters. The key's folders say nothing, for they come from settings. Undefined for
 * files of other people.
 */
export function readObjectName(key: string): ObjectNameParts | undefined {
  const match = NAME.exec(key.slice(key.lastIndexOf("/") + 1));
  if (match === null) return undefined;
  const [, streamKey, mark, seq, index, redriven] = match;
  return {
    ...{ streamKey: streamKey!, mark: mark!, seq: Number(seq), index: Number(index) },
    ...(redriven === undefined ? {} : { isRedriven: true }),
  };
}

/** A collection's name may look like what follows it: the last part counts. */
const NAME = new RegExp(
  "^(deployment|(?:database|collection|snapshot)\\.[A-Za-z0-9_.%~-]+)" +
    "-([0-9a-f]{8})-(\\d{1,16})-(\\d{1,7})" +
    `(?:(\\.redriven)?\\.(?:${FILE_EXTENSIONS.join("|").replaceAll(".", "\\.")})|\\.bson)$`,
);
