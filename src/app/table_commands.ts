import type { LakeConfig } from "../config/config.ts";
import { assertJournalPlace } from "../journal/journal_place.ts";
import { errorMessage, PermanentError } from "../model/errors.ts";
import { type Add, heldFileOf, holesOf, nameOfTable, rowsOf } from "../table/delta/actions.ts";
import { dropLog } from "../table/delta/dropping.ts";
import { type DeltaStore, LOG_FOLDER, logFolder } from "../table/delta/files.ts";
import { type DeltaState, loadDelta } from "../table/delta/state.ts";
import { filesAt } from "../table/delta/upkeep.ts";
import { LakeFollower } from "../table/lake_follower.ts";
import { markIn } from "../table/stream_marks.ts";
import { collectionDepth } from "../table/table_folder.ts";
import { hintKey, noteDrop } from "../table/table_hint.ts";
import type { Holes, TableName } from "../table/table_log.ts";
import { judgeTable, rememberIn, type ToldFiles } from "../table/table_verdict.ts";
import { type Places, withResources } from "./adapters.ts";
import type { Command } from "./commands.ts";
import { placeOf, withPlainNames } from "./table_place.ts";
import { deltaStore, followerParts, forOnly } from "./tables.ts";

/** A table that is there. */
export interface ShownTable extends TableName {
  readonly url: string;
  readonly version: number;
  readonly files: number;
  readonly rows: number;
  readonly holes: Holes;
}

/** A table that is there and cannot be read. */
export interface UnreadTable {
  readonly url: string;
  readonly fault: string;
}

/** What is wrong with one table. */
export interface TableVerdict {
  readonly url: string;
  readonly name?: TableName;
  readonly files: number;
  /** Objects that are not in it yet. */
  readonly waiting: number;
  readonly faults: readonly string[];
}

/** The tables of a lake, or of one collection, in the folders that the settings name. */
export function showTables(
  config: LakeConfig,
  command: Command,
  only: TableName | undefined,
): Promise<(ShownTable | UnreadTable)[]> {
  return withTables(config, command, only, async ({ store, folders, places }) => {
    const shown: (ShownTable | UnreadTable)[] = [];
    for (const folder of folders) {
      const table = await readTable(store, folder);
      const url = urlOf(places, folder);
      if ("fault" in table) {
        if (table.fault !== FOREIGN) shown.push({ url, fault: table.fault });
        continue;
      }
      const { name, adds, state: { version, metaData } } = table;
      const rows = adds.reduce((sum, add) => sum + rowsOf(add), 0);
      shown.push({ ...name, url, version, files: adds.length, rows, holes: holesOf(metaData) });
    }
    return shown;
  });
}

const FOREIGN = "somebody else has made it";

/** Forgets the log of a table, and never an object. Answers where it was; `force`: also one that cannot be read. */
export function dropTables(
  config: LakeConfig,
  command: Command,
  only: TableName | undefined,
  force: boolean,
): Promise<string[]> {
  return withTables(config, command, only, async ({ store, folders, places }) => {
    const dropped: string[] = [];
    const hint = { store: places.lake, key: hintKey("delta") };
    try {
      for (const folder of folders) {
        await assertDroppable(store, folder, force);
        await dropLog(store, folder);
        dropped.push(urlOf(places, folder));
      }
    } finally {
      // Also of those before one that cannot be dropped.
      await noteDrop(hint, command.tools.random.uuid());
    }
    return dropped;
  });
}

async function assertDroppable(store: DeltaStore, folder: string, force: boolean): Promise<void> {
  let state: DeltaState | undefined;
  try {
    state = await loadDelta(store, folder);
  } catch (error) {
    if (!(error instanceof PermanentError) || force) return;
    throw new PermanentError(
      `Cannot drop the table in "${folder}/": whose it is cannot be read (${
        errorMessage(error)
      }); --force drops it all the same`,
    );
  }
  if (state === undefined || nameOfTable(state.metaData) !== undefined) return;
  throw new PermanentError(
    `Cannot drop the table in "${folder}/": somebody else has made it; move its _delta_log away yourself`,
  );
}

/** Compares tables with the journals: each has the objects that they name, with their sizes and rows, and no others. */
export function verifyTables(
  config: LakeConfig,
  command: Command,
  only: TableName | undefined,
): Promise<TableVerdict[]> {
  return withTables(config, command, only, async ({ store, folders, places }) => {
    // Before the journals, for copies at work go on meanwhile: so what a table has is in them.
    const read: ReadTable[] = [];
    for (const folder of folders) read.push(await readTable(store, folder));
    const told = new Map<string, ToldFiles>();
    const parts = forOnly(followerParts(config, command.tools, places), only);
    const follower = new LakeFollower({
      ...parts,
      openLog(folder) {
        const files: ToldFiles = new Map();
        told.set(folder, files);
        return rememberIn(files);
      },
    });
    await follower.turn(command.signal);
    const verdicts = read.map((table): TableVerdict => {
      const url = urlOf(places, table.folder);
      if ("fault" in table) return { url, files: 0, waiting: 0, faults: [table.fault] };
      const { name, adds, state: { txns } } = table;
      const { faults, waiting } = judgeTable(
        adds.map(heldFileOf),
        (appId) => markIn(txns, appId),
        told.get(table.folder) ?? new Map(),
      );
      const lacks = lacksOf(follower, table.folder, name);
      return { url, name, files: adds.length, waiting, faults: [...faults, ...lacks] };
    });
    const unread = [...follower.streamFaults.values()];
    if (unread.length === 0) return verdicts;
    return [...verdicts, {
      url: urlOf(places, "_tributary"),
      files: 0,
      waiting: 0,
      faults: unread,
    }];
  });
}

/** Why objects of a collection can be in no table, and so are not in this one. */
function lacksOf(follower: LakeFollower, folder: string, name: TableName): string[] {
  const { fault } = follower.tables.find((table) => table.folder === folder) ?? {};
  const why = fault ?? follower.refusals.get(`${name.database}.${name.collection}`);
  return why === undefined ? [] : [why];
}

type ReadTable =
  & { readonly folder: string }
  & (
    | {
      readonly name: TableName;
      readonly adds: readonly Add[];
      readonly state: DeltaState;
    }
    | { readonly fault: string }
  );

async function readTable(store: DeltaStore, folder: string): Promise<ReadTable> {
  try {
    const state = await loadDelta(store, folder);
    const name = state && nameOfTable(state.metaData);
    if (state === undefined) return { folder, fault: "it has just gone" };
    if (name === undefined) return { folder, fault: FOREIGN };
    const { there } = await filesAt(store, folder, state);
    return { folder, name, adds: [...there.values()], state };
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return { folder, fault: errorMessage(error) };
  }
}

interface FoundTables {
  readonly store: DeltaStore;
  /** Those that have a log. */
  readonly folders: readonly string[];
  readonly places: Places;
}

function withTables<T>(
  config: LakeConfig,
  command: Command,
  only: TableName | undefined,
  work: (tables: FoundTables) => Promise<T>,
): Promise<T> {
  return withResources(config, command, async (resources) => {
    await assertJournalPlace(await resources.places({ forProbe: true }));
    command.reached();
    const places = await resources.places();
    const store = deltaStore(places);
    const candidates = only === undefined
      ? await foldersAt(places, collectionDepth(config.keyRule.template) ?? 0)
      : [folderOf(config, only)].filter((folder) => folder !== undefined);
    const folders: string[] = [];
    for (const folder of candidates) {
      const [first] = await store.list(logFolder(folder), { limit: 1 });
      if (first !== undefined) folders.push(folder);
    }
    return await work({ store, folders, places });
  });
}

/** All folders so deep, but for those that are no data. */
async function foldersAt({ destination }: Places, depth: number): Promise<string[]> {
  let folders = [""];
  for (let i = 0; i < depth; i++) {
    const next = await Promise.all(folders.map(async (folder) => {
      const names = await destination.listFolders(folder);
      return names.filter((name) => name !== "_tributary" && name !== LOG_FOLDER)
        .map((name) => `${folder}${name}/`);
    }));
    folders = next.flat();
  }
  return depth === 0 ? [] : folders.map((folder) => folder.slice(0, -1));
}

/** The folder that the settings give a collection, or would with tables; undefined where it can have no table. */
function folderOf({ keyRule }: LakeConfig, name: TableName): string | undefined {
  const place = [keyRule, withPlainNames(keyRule)].map((rule) => placeOf(rule, name))
    .find((each) => "folder" in each);
  return place?.folder;
}

function urlOf({ destination }: Places, folder: string): string {
  return `${destination.url}/${folder}/`;
}
