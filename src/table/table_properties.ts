import { addHoles, type Holes, NO_HOLES, type TableName } from "./table_log.ts";

/** What a table says of itself beside its rows, in whichever format. */
export type TableProperties = Readonly<Record<string, string>>;

const DATABASE = "tributary.database";
const COLLECTION = "tributary.collection";

/** How many of each kind of hole a reader of the table is told of. */
const HOLE_PROPERTIES: Readonly<Record<keyof Required<Holes>, string>> = {
  gaps: "tributary.gaps",
  voidedObjects: "tributary.voidedObjects",
  deadLetters: "tributary.deadLetters",
  redrivenLetters: "tributary.redrivenLetters",
  objectsElsewhere: "tributary.objectsElsewhere",
};
const HOLE_KINDS = Object.keys(HOLE_PROPERTIES) as (keyof Holes)[];

export function nameProperties({ database, collection }: TableName): TableProperties {
  return { [DATABASE]: database, [COLLECTION]: collection };
}

/** Whose events the table has; undefined where somebody else has made it. */
export function nameOfTable(properties: TableProperties): TableName | undefined {
  const [database, collection] = [properties[DATABASE], properties[COLLECTION]];
  return database === undefined || collection === undefined ? undefined : { database, collection };
}

/** What was joined before there was this table, and that it had at once. */
const BEGUN_WITH = "tributary.begunWith";

export function begunProperties(begunWith: string | undefined): TableProperties {
  return begunWith === undefined ? {} : { [BEGUN_WITH]: begunWith };
}

export function begunWithOf(properties: TableProperties): string | undefined {
  return properties[BEGUN_WITH];
}

export function holeProperties(holes: Holes): TableProperties {
  const there = HOLE_KINDS.filter((kind) => (holes[kind] ?? 0) > 0);
  return Object.fromEntries(there.map((kind) => [HOLE_PROPERTIES[kind], String(holes[kind])]));
}

export function holesOf(properties: TableProperties): Holes {
  const counts = HOLE_KINDS.map((kind) =>
    [kind, Number(properties[HOLE_PROPERTIES[kind]] ?? 0) || 0] as const
  );
  return addHoles(NO_HOLES, Object.fromEntries(counts) as unknown as Holes);
}
