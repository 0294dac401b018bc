import type { Clock } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import {
  type Changed,
  commitSteps,
  CONFLICTS_MAX,
  type ContestedTable,
  tooSlow,
  unanswered,
  UNKNOWN_MAX,
} from "../commit_steps.ts";
import type {
  ChooseFiles,
  CompactableLog,
  Replacement,
  TableContents,
} from "../compaction/compactable_log.ts";
import { BegunTable, type BegunTableParts } from "../compaction/begun_table.ts";
import { begunWithOf } from "../table_properties.ts";
import { LeftSteps, type RecordIdOf } from "../left_steps.ts";
import type {
  CommitOutcome,
  KnownTable,
  StreamSteps,
  TableFile,
  TableLog,
  TableName,
} from "../table_log.ts";
import type { Catalog, LoadedTable } from "./catalog.ts";
import { cleanFiles } from "./cleaning.ts";
import { type IcebergStore, urlOf } from "./files.ts";
import { assertHere, assertOurs } from "./ours.ts";
import { markOf, newProperties, TABLE_SCHEMA } from "./properties.ts";
import { type StageParts, stageReplacement, stageSnapshot } from "./stage.ts";
import type { ManifestFile } from "./manifest.ts";
import { HeldManifests } from "./held_manifests.ts";

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
export class IcebergLog implements TableLog, CompactableLog {
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

  async contents(choose: ChooseFiles = (files) => files): Promise<TableContents | undefined> {
    const { store, folder } = this.#parts;
    const table = await this.#load();
    if (table === undefined) return undefined;
    const known = knownOf(table);
    const held = new HeldManifests(store, folder);
    const files = await held.read(table.metadata, choose);
    return {
      ...{ ...known, files },
      replace: (inputs, output) => this.#replace(known, held, inputs, output),
    };
  }

  async #replace(
    { id }: KnownTable,
    held: HeldManifests,
    inputs: readonly string[],
    output: TableFile,
  ): Promise<Replacement> {
    const { catalog, folder } = this.#parts;
    for (let [tries, unknown] = [0, 0]; tries < CONFLICTS_MAX; tries++) {
      const table = await this.#load();
      if (table?.metadata["table-uuid"] !== id) return "changed";
      await held.bringTo(table.metadata);
      const isThere = held.has(output.path);
      const left = inputs.filter((path) => held.has(path)).length;
      // Also after a commit of ours whose answer was lost.
      if (isThere && left === 0) return "replaced";
      if (isThere || left < inputs.length) return "changed";
      const named = (manifest: ManifestFile) => held.names(manifest, inputs);
      const change = await stageReplacement(this.#stage, table.metadata, inputs, output, named);
      const after = await catalog.commit(table, change);
      unknown = after === "unknown" ? unknown + 1 : 0;
      if (unknown >= UNKNOWN_MAX) throw unanswered(folder);
      if (typeof after === "string") continue;
      await this.#clean(after);
      return "replaced";
    }
    throw tooSlow(folder);
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
    const { catalog, store, folder, name } = this.#parts;
    if (table === undefined) {
      const [location, properties] = [urlOf(store, folder), newProperties(name)];
      return await catalog.create(name, { location, schema: TABLE_SCHEMA, properties });
    }
    const { properties, "last-sequence-number": last } = table.metadata;
    // It is made empty, and what it begins with comes with its first snapshot.
    const said = last === 0n ? undefined : { begunWith: begunWithOf(properties) };
    const steps = await this.#begun.stepsFor(said, streams);
    const change = await stageSnapshot(this.#stage, table.metadata, steps);
    const after = await catalog.commit(table, change);
    if (typeof after === "string") return after;
    this.#left.accept(streams);
    await this.#clean(after);
    return after;
  }

  get #stage(): StageParts {
    const { store, folder, random, clock } = this.#parts;
    return { store, folder, random, nowMs: clock.wallMs() };
  }

  /** Behind a change, where it is due. */
  async #clean({ metadata }: LoadedTable): Promise<void> {
    const { store, folder, clock, failedBeside } = this.#parts;
    if (metadata["last-sequence-number"] % COMMITS_A_CLEANING !== 0n) return;
    await cleanFiles(store, folder, metadata, clock.wallMs())
      .catch((error: unknown) => failedBeside?.(error));
  }
}

function knownOf({ metadata }: LoadedTable): KnownTable {
  return { id: metadata["table-uuid"], version: Number(metadata["last-sequence-number"]) };
}
