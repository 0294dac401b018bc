import type { KeptTable } from "./followed_tables.ts";
import type { Refusals, Refused } from "./refusals.ts";
import type { Round } from "./stream_follower.ts";
import {
  holesFor,
  NO_STREAM_HOLES,
  type StreamHoles,
  withElsewhere,
  withHoles,
} from "./stream_holes.ts";
import {
  addHoles,
  hasHoles,
  type Holes,
  NO_HOLES,
  type StreamSteps,
  type TableName,
  type TableStep,
  textOf,
} from "../table_log.ts";

/** What is known of tables and streams; rounds add to it. */
export interface DividedLake {
  readonly tables: ReadonlyMap<string, KeptTable>;
  /** By stream. */
  readonly holes: Map<string, StreamHoles>;
  readonly refusals: Refusals;
  /** The table of a folder, made where there was none; undefined where this collection can have none there. */
  tableOf(folder: string, name: TableName): KeptTable | undefined;
}

/** What each table gets of some rounds. */
export interface RoundDivision {
  readonly due: ReadonlyMap<KeptTable, readonly StreamSteps[]>;
  /** Tables that end here, for what follows cannot be in them. */
  readonly ending: ReadonlyMap<KeptTable, string>;
  /** By stream: forgets what its steps have added, for they come again. */
  readonly undo: ReadonlyMap<string, () => void>;
}

export function divideRounds(
  lake: DividedLake,
  rounds: Iterable<readonly [key: string, round: Pick<Round, "lake" | "steps">]>,
): RoundDivision {
  const due = new Map<KeptTable, StreamSteps[]>();
  const ending = new Map<KeptTable, string>();
  const undo = new Map<string, () => void>();
  for (const [key, round] of rounds) {
    const [before, joined] = [lake.holes.get(key) ?? NO_STREAM_HOLES, new Set<KeptTable>()];
    undo.set(key, () => {
      lake.holes.set(key, before);
      for (const table of joined) table.streams.delete(key);
    });
    const byTable = new Map<KeptTable, TableStep[]>();
    for (const record of round.steps) {
      noteRefusals(lake, record.refusals, key, ending);
      for (const [folder, { name, step }] of record.byFolder) {
        const table = lake.tableOf(folder, name);
        if (table === undefined || ending.has(table)) continue;
        lake.refusals.noteTable(textOf(name), key, folder);
        const isNew = !table.streams.has(key);
        if (isNew) joined.add(table);
        table.streams.add(key);
        const had = lake.holes.get(key) ?? NO_STREAM_HOLES;
        const holes = isNew ? addHoles(step.holes, holesFor(had, textOf(table.name))) : step.holes;
        byTable.set(table, [...byTable.get(table) ?? [], { ...step, holes }]);
      }
      noteHoles(lake, key, record, (table) => !ending.has(table), byTable);
    }
    for (const [table, steps] of byTable) {
      if (table.stopped !== undefined) continue;
      due.set(table, [...due.get(table) ?? [], { streamKey: key, lake: round.lake, steps }]);
    }
  }
  return { due, ending, undo };
}

/**
 * Of tables that were not answered those that hold up others: these were, and wait for what lies behind a full round of the same
 * stream.
 */
export function tablesInTheWay(
  due: RoundDivision["due"],
  full: ReadonlySet<string>,
  failed: ReadonlySet<KeptTable>,
): KeptTable[] {
  const keysOf = (table: KeptTable) => due.get(table)!.map(({ streamKey }) => streamKey);
  const answered = [...due.keys()].filter((table) => !failed.has(table)).flatMap(keysOf);
  const waiting = new Set(answered.filter((key) => full.has(key)));
  return [...failed].filter((table) => keysOf(table).some((key) => waiting.has(key)));
}

function noteRefusals(
  { refusals, tables }: DividedLake,
  refused: Refused,
  key: string,
  ending: Map<KeptTable, string>,
): void {
  for (const [collection, { objects: _, ...refusal }] of refused) {
    refusals.add(collection, key, refusal);
    const table = tables.get(refusal.folder ?? "");
    if (table?.streams.has(key) !== true || textOf(table.name) !== collection) continue;
    ending.set(table, `The table in "${table.folder}/" ends: ${refusal.why}`);
  }
}

/** Holes are of all tables that the stream has something in, and of those in which it will have. */
function noteHoles(
  { tables, holes }: DividedLake,
  key: string,
  record: Round["steps"][number],
  goesOn: (table: KeptTable) => boolean,
  byTable: Map<KeptTable, TableStep[]>,
): void {
  const added = (to: StreamHoles) =>
    [...record.refusals].reduce(
      (sum, [collection, { objects }]) => withElsewhere(sum, collection, objects),
      withHoles(to, record.holes),
    );
  const news = added(NO_STREAM_HOLES);
  if (!hasHoles(news.all) && record.refusals.size === 0) return;
  holes.set(key, added(holes.get(key) ?? NO_STREAM_HOLES));
  for (const table of tables.values()) {
    const own = holesFor(news, textOf(table.name));
    if (!table.streams.has(key) || !hasHoles(own) || !goesOn(table)) continue;
    byTable.set(table, withStepHoles(byTable.get(table) ?? [], record, own));
  }
}

function withStepHoles(
  steps: readonly TableStep[],
  { seq, recordId }: Pick<TableStep, "seq" | "recordId">,
  holes: Holes,
): TableStep[] {
  const last = steps.at(-1);
  const isSame = last?.seq === seq;
  const step = isSame ? last : { seq, recordId, files: [], gone: [], holes: NO_HOLES };
  return [
    ...isSame ? steps.slice(0, -1) : steps,
    { ...step, holes: addHoles(step.holes, holes) },
  ];
}
