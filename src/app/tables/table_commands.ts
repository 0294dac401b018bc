import type { LakeConfig } from "../../config/config.ts";
import { errorMessage, PermanentError } from "../../model/errors.ts";
import type { TableFormat } from "../../model/table_format.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import { expandCompactions } from "../../table/compaction/expand_compactions.ts";
import { LakeFollower } from "../../table/follow/lake_follower.ts";
import { collectionDepth } from "../../table/table_folder.ts";
import { hintKey, noteDrop } from "../../table/follow/table_hint.ts";
import type { HeldFile, Holes, TableName } from "../../table/table_log.ts";
import { judgeTable, rememberIn, type ToldFiles } from "../../table/table_verdict.ts";
import type { Places } from "../adapters.ts";
import type { Command } from "../commands.ts";
import { followerParts, forOnly } from "./build_tables.ts";
import { openFormats } from "./formats.ts";
import type { OpenFormat, OpenTable, TableInCatalog } from "./open_format.ts";
import { type RenamedOnto, renamesOnto } from "./renamed_onto.ts";
import { placeOf, withPlainNames } from "./table_place.ts";
import { withPlaces } from "./with_places.ts";

/** A table that is there. */
export interface ShownTable extends TableName {
  readonly format: TableFormat;
  readonly url: string;
  readonly version: number;
  readonly files: number;
  readonly rows: number;
  readonly holes: Holes;
  /** Absent: no catalog knows it. */
  readonly catalog?: TableInCatalog;
  /** The last time that another collection was renamed onto this one, where its documents were or are read. */
  readonly renamedOnto?: RenamedOnto;
}

/** A table that is there and cannot be read. */
export interface UnreadTable {
  readonly format: TableFormat;
  readonly url: string;
  readonly fault: string;
}

/** What is wrong with one table. */
export interface TableVerdict {
  /** Absent where it is about journals. */
  readonly format?: TableFormat;
  readonly url: string;
  readonly name?: TableName;
  readonly files: number;
  /** Objects that are not in it yet. */
  readonly waiting: number;
  /** Objects of its collection that it can never name: no fault, for they are in the lake. */
  readonly objectsElsewhere: number;
  readonly faults: readonly string[];
}

/** The tables of a lake, or of one collection, in the folders that the settings name. */
export function showTables(
  config: LakeConfig,
  command: Command,
  only: TableName | undefined,
): Promise<(ShownTable | UnreadTable)[]> {
  return withTables(config, command, only, async ({ tables, places }) => {
    const shown: (ShownTable | UnreadTable)[] = [];
    const renameOnto = await renamesOnto(places.lake);
    for (const { format: { format }, ...found } of await mapInOrder(tables, readTable)) {
      const url = urlOf(places, found.folder);
      if ("fault" in found) {
        if (found.fault !== FOREIGN) shown.push({ format, url, fault: found.fault });
        continue;
      }
      const { name, files, table: { version, holes, catalog } } = found;
      const rows = files.reduce((sum, file) => sum + file.rows, 0);
      const known = catalog === undefined ? {} : { catalog };
      const renamedOnto = renameOnto(name);
      const renamed = renamedOnto === undefined ? {} : { renamedOnto };
      const facts = { format, url, version, files: files.length, rows, holes };
      shown.push({ ...name, ...facts, ...known, ...renamed });
    }
    return shown;
  });
}

const FOREIGN = "somebody else has made it";

/** What became of tables that were to be dropped. */
export interface DroppedTables {
  /** Where logs were. */
  readonly dropped: readonly string[];
  /** Why others are still there. */
  readonly faults: readonly string[];
}

/** Forgets the logs of tables, and never an object. `force`: also those that cannot be read. */
export function dropTables(
  config: LakeConfig,
  command: Command,
  only: TableName | undefined,
  force: boolean,
): Promise<DroppedTables> {
  return withTables(config, command, only, async ({ formats, tables, places }) => {
    const dropped: string[] = [];
    const faults: string[] = [];
    try {
      for (const { format, folder } of tables) {
        try {
          await assertDroppable(format, folder, force);
          await format.drop(folder);
          dropped.push(urlOf(places, folder) + format.logName);
        } catch (error) {
          if (!(error instanceof PermanentError)) throw error;
          faults.push(errorMessage(error));
        }
      }
    } finally {
      // Also of those before one that was not answered.
      for (const { format } of formats) {
        const hint = { store: places.lake, key: hintKey(format) };
        await noteDrop(hint, command.tools.random.uuid());
      }
    }
    return { dropped, faults };
  });
}

async function assertDroppable(format: OpenFormat, folder: string, force: boolean): Promise<void> {
  let table: OpenTable | undefined;
  try {
    table = await format.open(folder);
  } catch (error) {
    if (!(error instanceof PermanentError) || force) return;
    throw new PermanentError(
      `Cannot drop the table in "${folder}/": whose it is cannot be read (${
        errorMessage(error)
      }); --force drops it all the same`,
    );
  }
  if (table === undefined || table.name !== undefined) return;
  throw new PermanentError(
    `Cannot drop the table in "${folder}/": somebody else has made it; move its ${
      format.logName.replace("/", "")
    } away yourself`,
  );
}

/** Compares tables with the journals: each has the objects that they name, with their sizes and rows, and no others. */
export function verifyTables(
  config: LakeConfig,
  command: Command,
  only: TableName | undefined,
): Promise<TableVerdict[]> {
  return withTables(config, command, only, async ({ formats, tables, places }) => {
    // Before the journals, for copies at work go on meanwhile: so what a table has is in them.
    const read = await mapInOrder(tables, readTable);
    const told = new Map<string, ToldFiles>();
    const follower = new LakeFollower({
      ...forOnly(followerParts(places, formats[0]!), only),
      openLog(folder) {
        const files: ToldFiles = new Map();
        told.set(folder, files);
        return rememberIn(files);
      },
    });
    await follower.turn(command.signal);
    const verdicts = await mapInOrder(read, async (found): Promise<TableVerdict> => {
      const { format: { format }, folder } = found;
      const url = urlOf(places, folder);
      if ("fault" in found) return { format, url, ...NOTHING, faults: [found.fault] };
      const { name, files, table: { markOf, holes: { objectsElsewhere } } } = found;
      const parts = { records: places.lake, objects: places.destination };
      const expansion = await expandCompactions(files, folder, parts);
      const judged = judgeTable(expansion.held, markOf, told.get(folder) ?? new Map());
      const lacks = lacksOf(follower, folder);
      const faults = [...expansion.faults, ...judged.faults, ...lacks];
      const counts = { files: files.length, waiting: judged.waiting, objectsElsewhere };
      return { format, url, name, ...counts, faults };
    });
    const unread = [...follower.streamFaults.values()];
    if (unread.length === 0) return verdicts;
    const url = urlOf(places, "_tributary");
    return [...verdicts, { url, ...NOTHING, faults: unread }];
  });
}

const NOTHING = { files: 0, waiting: 0, objectsElsewhere: 0 };

/** Why objects of a table's folder can be in no table, and so are not in this one. */
function lacksOf(follower: LakeFollower, folder: string): string[] {
  const { fault } = follower.tables.find((table) => table.folder === folder) ?? {};
  const why = fault ?? follower.refusalIn(folder);
  return why === undefined ? [] : [why];
}

type ReadTable =
  & FoundTable
  & (
    | {
      readonly name: TableName;
      readonly files: readonly HeldFile[];
      readonly table: OpenTable;
    }
    | { readonly fault: string }
  );

async function readTable(found: FoundTable): Promise<ReadTable> {
  try {
    const table = await found.format.open(found.folder);
    if (table === undefined) return { ...found, fault: "it has just gone" };
    const { name } = table;
    if (name === undefined) return { ...found, fault: FOREIGN };
    return { ...found, name, table, files: await table.files() };
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return { ...found, fault: errorMessage(error) };
  }
}

/** One after the other. */
function mapInOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  return mapLimited(items, 1, work);
}

/** A folder that has a table of a format. */
interface FoundTable {
  readonly format: OpenFormat;
  readonly folder: string;
}

interface FoundTables {
  readonly formats: readonly OpenFormat[];
  readonly tables: readonly FoundTable[];
  readonly places: Places;
}

function withTables<T>(
  config: LakeConfig,
  command: Command,
  only: TableName | undefined,
  work: (found: FoundTables) => Promise<T>,
): Promise<T> {
  return withPlaces(config, command, async (places) => {
    const formats = openFormats(config, command, places);
    const folders = only === undefined
      ? await foldersAt(places, collectionDepth(config.keyRule.template) ?? 0)
      : [folderOf(config, only)].filter((folder) => folder !== undefined);
    const tables: FoundTable[] = [];
    for (const folder of folders) {
      for (const format of formats) {
        if (await format.isThere(folder)) tables.push({ format, folder });
      }
    }
    return await work({ formats, tables, places });
  });
}

/** All folders so deep, but for those that are no data. */
async function foldersAt({ destination }: Places, depth: number): Promise<string[]> {
  let folders = [""];
  for (let i = 0; i < depth; i++) {
    const next = await Promise.all(folders.map(async (folder) => {
      const names = await destination.listFolders(folder);
      return names.filter((name) => name !== "_tributary" && name !== "_delta_log")
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
