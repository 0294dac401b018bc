import type { Clock } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import { type Changed, commitSteps, type ContestedTable } from "../commit_steps.ts";
import { BegunTable, type BegunTableParts } from "../compaction/begun_table.ts";
import { begunWithOf } from "../table_properties.ts";
import { LeftSteps, type RecordIdOf } from "../left_steps.ts";
import type { CommitOutcome, KnownTable, StreamSteps, TableLog, TableName } from "../table_log.ts";
import type { Catalog, LoadedTable } from "./catalog.ts";
import { cleanFiles } from "./cleaning.ts";
import { type IcebergStore, urlOf } from "./files.ts";
import { assertHere, assertOurs } from "./ours.ts";
import { markOf, newProperties, TABLE_SCHEMA } from "./properties.ts";
import { stageSnapshot } from "./stage.ts";

const COMMITS_A_CLEANING = 100n;

export interface IcebergParts {
  readonly catalog: Catalog;
  readonly store: IcebergStore;
  readonly folder: string;
  readonly name: TableName;
  readonly clock: Clock;
  readonly random: Random;
  readonly recordId: RecordIdOf;
  readonly compactions: BegunTableParts;
  /** Told of what failed beside a commit that succeeded. */
  readonly failedBeside?: (error: unknown) => void;
}

/**
 * An Iceberg table over the objects of one collection. Each change says, as properties of the table, the place in the journals up to
 * which it has come then: so each record counts once, whoever commits it, and however often.
 */
export class IcebergLog implements TableLog {
  readonly #parts: IcebergParts;
  readonly #left: LeftSteps;
  readonly #begun: BegunTable;

  constructor(parts: IcebergParts) {
    this.#parts = parts;
    this.#begun = new BegunTable(parts.compactions, parts.folder);
    this.#left = new LeftSteps(parts.folder, parts.recordId);
  }

  async look(): Promise<KnownTable | undefined> {
    const table = await this.#load();
    return table && knownOf(table);
  }

  async commit(streams: readonly StreamSteps[], known?: KnownTable): Promise<CommitOutcome> {
    const table: ContestedTable<LoadedTable> = {
      ...{ folder: this.#parts.folder, left: this.#left, knownOf },
      markOf: ({ metadata }, appId) => markOf(metadata.properties, appId),
      load: () => this.#load(),
      change: (before, steps) => this.#change(before, steps),
    };
    return await commitSteps(table, await this.#load(), streams, known);
  }

  async #load(): Promise<LoadedTable | undefined> {
    const { catalog, store, folder, name } = this.#parts;
    const table = await catalog.load(name);
    if (table === undefined) return undefined;
    assertOurs(folder, name, table.metadata);
    assertHere(store, folder, table);
    return table;
  }

  /** Makes the table, or the next change of it. */
  async #change(
    table: LoadedTable | undefined,
    streams: readonly StreamSteps[],
  ): Promise<Changed<LoadedTable>> {
    const { catalog, store, folder, name, random, clock } = this.#parts;
    if (table === undefined) {
      const [location, properties] = [urlOf(store, folder), newProperties(name)];
      return await catalog.create(name, { location, schema: TABLE_SCHEMA, properties });
    }
    const parts = { store, folder, random, nowMs: clock.wallMs() };
    const { properties, "last-sequence-number": last } = table.metadata;
    // It is made empty, and what it begins with comes with its first snapshot.
    const said = last === 0n ? undefined : { begunWith: begunWithOf(properties) };
    const steps = await this.#begun.stepsFor(said, streams);
    const change = await stageSnapshot(parts, table.metadata, steps);
    const after = await catalog.commit(table, change);
    if (typeof after === "string") return after;
    this.#left.accept(streams);
    const { metadata } = after;
    if (metadata["last-sequence-number"] % COMMITS_A_CLEANING === 0n) {
      const cleaned = cleanFiles(store, folder, metadata, clock.wallMs());
      await cleaned.catch((error: unknown) => this.#parts.failedBeside?.(error));
    }
    return after;
  }
}

function knownOf({ metadata }: LoadedTable): KnownTable {
  return { id: metadata["table-uuid"], version: Number(metadata["last-sequence-number"]) };
}
