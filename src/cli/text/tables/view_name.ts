import { createHash } from "node:crypto";

const HASH_HEX_DIGITS = 6;

/** What a table is called in its database. */
interface Named {
  readonly database: string;
  readonly collection: string;
}

/**
 * What views of a table are called: its collection, with the database in front where one that is shown beside it would have the same
 * name. It needs no quotes anywhere.
 */
export function viewName(table: Named, shown: readonly Named[]): string {
  const { database, collection } = table;
  const others = shown.filter((other) =>
    other.database !== database || other.collection !== collection
  );
  const name = plainName(collection);
  if (others.every((other) => plainName(other.collection) !== name)) return name;
  const whole = plainName(`${database}.${collection}`);
  const isOne = others.every((other) =>
    plainName(`${other.database}.${other.collection}`) !== whole
  );
  return isOne ? whole : `${whole}_${hashOf(`${database}.${collection}`)}`;
}

/** `.` and `-` become `_`; of other letters it says what it can, and a hash tells `a/b` from `a%b`. */
function plainName(name: string): string {
  const isPlain = /^[A-Za-z0-9_.-]+$/.test(name);
  const plain = isPlain ? name.replace(/[.-]/g, "_") : `${lettersOf(name)}_${hashOf(name)}`;
  return /^\d/.test(plain) ? `t_${plain}` : plain;
}

/** `ä` is an `a`. */
function lettersOf(name: string): string {
  const letters = name.normalize("NFKD").replace(/\p{M}/gu, "");
  return letters.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^_+|_+$/g, "") || "t";
}

function hashOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, HASH_HEX_DIGITS);
}
