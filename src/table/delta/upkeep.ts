import type { Action, Add, Remove } from "./actions.ts";
import { encodeCheckpoint, readCheckpoint } from "./checkpoint.ts";
import { needEntries } from "./entry.ts";
import { checkpointKey, type DeltaStore, writeLastCheckpoint } from "./files.ts";
import type { DeltaState } from "./state.ts";

/** A reader reads the newest checkpoint and the entries behind it. */
const COMMITS_A_CHECKPOINT = 100;

/** Readers of earlier versions may still look for a file that was removed. */
const TOMBSTONE_MS = 7 * 24 * 3_600_000;

/**
 * Writes a checkpoint where one is due. Answers the version of the newest one.
 *
 * Two that write the same checkpoint write the same table, so the first counts.
 */
export async function keepCheckpoints(
  store: DeltaStore,
  folder: string,
  state: DeltaState,
  nowMs: number,
): Promise<number> {
  const { version, checkpoint } = state;
  if (version === 0 || version - checkpoint < COMMITS_A_CHECKPOINT) return checkpoint;
  const files = await filesAt(store, folder, state);
  for (const [path, remove] of files.gone) {
    if (nowMs - (remove.deletionTimestamp ?? 0) > TOMBSTONE_MS) files.gone.delete(path);
  }
  const actions: Action[] = [
    { protocol: state.protocol },
    { metaData: state.metaData },
    ...[...state.txns].map(([appId, seq]) => ({ txn: { appId, version: seq } })),
    ...[...files.there.values()].map((add) => ({ add: { ...add, dataChange: false } })),
    ...[...files.gone.values()].map((remove) => ({ remove: { ...remove, dataChange: false } })),
  ];
  await store.putIfAbsent(checkpointKey(folder, version), encodeCheckpoint(store.parquet, actions));
  await writeLastCheckpoint(store, folder, { version, size: actions.length });
  return version;
}

interface Files {
  readonly there: Map<string, Add>;
  readonly gone: Map<string, Remove>;
}

/** All files of a table, from its newest checkpoint and the entries behind it. */
export async function filesAt(
  store: DeltaStore,
  folder: string,
  { version, checkpoint }: Pick<DeltaState, "version" | "checkpoint">,
): Promise<Files> {
  const files: Files = { there: new Map(), gone: new Map() };
  const apply = ({ add, remove }: Action) => {
    if (add !== undefined) {
      files.there.set(add.path, add);
      files.gone.delete(add.path);
    }
    if (remove !== undefined) {
      files.there.delete(remove.path);
      files.gone.set(remove.path, remove);
    }
  };
  if (checkpoint >= 0) {
    const columns = ["add", "remove"] as const;
    for (const action of await readCheckpoint(store, folder, checkpoint, columns)) apply(action);
  }
  for await (const action of needEntries(store, folder, checkpoint + 1, version)) apply(action);
  return files;
}
