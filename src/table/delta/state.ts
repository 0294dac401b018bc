import {
  type Action,
  isOurSchema,
  type MetaData,
  type Protocol,
  protocolFault,
} from "./actions.ts";
import { readCheckpointHead } from "./checkpoint.ts";
import { needEntries, needEntry, readEntry } from "./entry.ts";
import { type DeltaStore, listLog, readLastCheckpoint } from "./files.ts";
import { isSameName, MADE_ANEW, tableFault, type TableName, textOf } from "../table_log.ts";
import { nameOfTable } from "../table_properties.ts";

/** What a writer must know of a table; not its files, which may be very many. */
export interface DeltaState {
  readonly version: number;
  readonly protocol: Protocol;
  readonly metaData: MetaData;
  readonly txns: ReadonlyMap<string, number>;
  /** The version of the newest checkpoint; -1: there is none. */
  readonly checkpoint: number;
  /** What its last entry says of itself. */
  readonly tip: string;
}

/** Reads a table from its newest checkpoint on; undefined where there is no table. */
export async function loadDelta(
  store: DeltaStore,
  folder: string,
): Promise<DeltaState | undefined> {
  const hint = await readLastCheckpoint(store, folder);
  let found = await listLog(store, folder, hint ?? 0);
  if (hint !== undefined && found.checkpoints.length === 0) {
    found = await listLog(store, folder, 0);
  }
  const checkpoint = found.checkpoints.at(-1) ?? -1;
  const last = Math.max(checkpoint, found.versions.at(-1) ?? -1);
  if (last < 0) return undefined;
  const draft = new DraftState(checkpoint);
  const head = checkpoint < 0 ? [] : await readCheckpointHead(store, folder, checkpoint);
  for (const action of head) draft.apply(action);
  for await (const action of needEntries(store, folder, checkpoint + 1, last)) draft.apply(action);
  return draft.at(folder, last, await needEntry(store, folder, last));
}

/**
 * Reads on from a state that was read before, entry by entry to the end; undefined where its last entry is another one now,
 * for somebody has made the table anew.
 */
export async function refreshDelta(
  store: DeltaStore,
  folder: string,
  state: DeltaState,
): Promise<DeltaState | undefined> {
  if (!await hasTip(store, folder, state)) return undefined;
  let refreshed = state;
  for (;;) {
    const entry = await readEntry(store, folder, refreshed.version + 1);
    if (entry === undefined) return refreshed;
    refreshed = afterEntry(folder, refreshed, entry);
  }
}

/** Whether the last entry that was read is still the one that it was. */
export async function hasTip(
  store: DeltaStore,
  folder: string,
  { version, tip }: DeltaState,
): Promise<boolean> {
  const entry = await readEntry(store, folder, version);
  return entry !== undefined && tipOf(entry) === tip;
}

/** The state behind one more entry. */
export function afterEntry(
  folder: string,
  state: DeltaState | undefined,
  entry: readonly Action[],
): DeltaState {
  const draft = new DraftState(state?.checkpoint ?? -1, state);
  for (const action of entry) draft.apply(action);
  return draft.at(folder, (state?.version ?? -1) + 1, entry);
}

/** What tells an entry from others that had its number. */
function tipOf(entry: readonly Action[]): string {
  return JSON.stringify(entry.find((action) => action.commitInfo !== undefined) ?? entry);
}

class DraftState {
  readonly #checkpoint: number;
  readonly #txns: Map<string, number>;
  #protocol: Protocol | undefined;
  #metaData: MetaData | undefined;

  constructor(checkpoint: number, before?: DeltaState) {
    this.#checkpoint = checkpoint;
    this.#txns = new Map(before?.txns);
    this.#protocol = before?.protocol;
    this.#metaData = before?.metaData;
  }

  apply({ protocol, metaData, txn }: Action): void {
    this.#protocol = protocol ?? this.#protocol;
    this.#metaData = metaData ?? this.#metaData;
    if (txn !== undefined) this.#txns.set(txn.appId, Number(txn.version));
  }

  at(folder: string, version: number, tip: readonly Action[]): DeltaState {
    const [protocol, metaData, txns] = [this.#protocol, this.#metaData, this.#txns];
    if (protocol === undefined || metaData === undefined) {
      throw tableFault(folder, `its log does not say what kind of table it is; ${MADE_ANEW}`);
    }
    return { version, protocol, metaData, txns, checkpoint: this.#checkpoint, tip: tipOf(tip) };
  }
}

/** @throws {PermanentError} where the table is not ours to write, with what to do. */
export function assertOurs(
  folder: string,
  name: TableName,
  { metaData, protocol }: DeltaState,
): void {
  const owner = nameOfTable(metaData.configuration);
  if (owner === undefined) {
    throw tableFault(
      folder,
      "somebody else has made it; move its _delta_log away, or leave this collection without a table",
    );
  }
  if (!isSameName(owner, name)) {
    const [theirs, ours] = [owner, name].map(textOf);
    throw tableFault(
      folder,
      `it has the events of ${theirs}, and those of ${ours} lie there too; give each a folder of its own`,
    );
  }
  const unknown = protocolFault(protocol);
  if (unknown !== undefined) {
    throw tableFault(folder, `it needs ${unknown}, which this version of tributary does not know`);
  }
  if (!isOurSchema(metaData.schemaString) || metaData.partitionColumns.length > 0) {
    throw tableFault(
      folder,
      "somebody has changed its columns; make it anew with `tributary table drop` and `tributary table build`",
    );
  }
  if (metaData.configuration[TXN_RETENTION] !== undefined) {
    throw tableFault(
      folder,
      `its property ${TXN_RETENTION} would make it forget what it has; remove that property`,
    );
  }
}

/** Behind that time a `txn` may be forgotten, and a record would come twice. */
const TXN_RETENTION = "delta.setTransactionRetentionDuration";
