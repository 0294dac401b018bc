import { TransientError } from "../../model/errors.ts";
import type { Clock } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import { firstOf, LeftSteps, type RecordIdOf } from "../left_steps.ts";
import type { CommitOutcome, KnownTable, StreamSteps, TableLog, TableName } from "../table_log.ts";
import type { Catalog, LoadedTable } from "./catalog.ts";
import { cleanFiles } from "./cleaning.ts";
import { type IcebergStore, urlOf } from "./files.ts";
import { assertOurs } from "./ours.ts";
import { markOf, newProperties, TABLE_SCHEMA } from "./properties.ts";
import { stageSnapshot } from "./stage.ts";

/** What one commit adds is held in memory. */
const FILES_A_COMMIT_MAX = 2000;

const COMMITS_A_CLEANING = 100n;

/** Each time somebody else was faster; then the lake goes on, and the next turn tries again. */
const CONFLICTS_MAX = 100;

/** Answers that are lost one after the other: whoever gives them needs a rest. */
const UNKNOWN_MAX = 3;

export interface IcebergParts {
  readonly catalog: Catalog;
  readonly store: IcebergStore;
  readonly folder: string;
  readonly name: TableName;
  readonly clock: Clock;
  readonly random: Random;
  readonly recordId: RecordIdOf;
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

  constructor(parts: IcebergParts) {
    this.#parts = parts;
    this.#left = new LeftSteps(parts.folder, parts.recordId);
  }

  async look(): Promise<KnownTable | undefined> {
    const table = await this.#load();
    return table && knownOf(table);
  }

  async commit(streams: readonly StreamSteps[], known?: KnownTable): Promise<CommitOutcome> {
    let [commits, conflicts, unknown] = [0, 0, 0];
    let table = await this.#load();
    for (;;) {
      if (known !== undefined && !isSame(table, known)) return { outcome: "another" };
      const left = await this.#left.behind(
        streams,
        (appId) => table && markOf(table.metadata.properties, appId),
      );
      if (left.length === 0 && table !== undefined) {
        return { outcome: "complete", ...knownOf(table), commits, conflicts };
      }
      const after = await this.#change(table, firstOf(left, FILES_A_COMMIT_MAX));
      unknown = after === "unknown" ? unknown + 1 : 0;
      if (typeof after !== "string") commits++;
      else if (++conflicts >= CONFLICTS_MAX || unknown >= UNKNOWN_MAX) throw this.#tired(after);
      table = typeof after === "string" ? await this.#load() : after;
    }
  }

  async #load(): Promise<LoadedTable | undefined> {
    const { catalog, folder, name } = this.#parts;
    const table = await catalog.load(name);
    if (table !== undefined) assertOurs(folder, name, table.metadata);
    return table;
  }

  /** Makes the table, or the next change of it. Of an answer that was lost the next look tells. */
  async #change(
    table: LoadedTable | undefined,
    streams: readonly StreamSteps[],
  ): Promise<LoadedTable | "conflict" | "unknown"> {
    const { catalog, store, folder, name, random, clock } = this.#parts;
    if (table === undefined) {
      const [location, properties] = [urlOf(store, folder), newProperties(name)];
      return await catalog.create(name, { location, schema: TABLE_SCHEMA, properties });
    }
    const parts = { store, folder, random, nowMs: clock.wallMs() };
    const change = await stageSnapshot(parts, table.metadata, streams);
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

  #tired(made: "conflict" | "unknown"): TransientError {
    const why = made === "unknown"
      ? `answers were lost ${UNKNOWN_MAX} times`
      : `others were faster ${CONFLICTS_MAX} times`;
    return new TransientError(`Cannot write the table in "${this.#parts.folder}/": ${why}`);
  }
}

function knownOf({ metadata }: LoadedTable): KnownTable {
  return { id: metadata["table-uuid"], version: Number(metadata["last-sequence-number"]) };
}

function isSame(table: LoadedTable | undefined, known: KnownTable): boolean {
  if (table === undefined) return false;
  const { id, version } = knownOf(table);
  return id === known.id && version >= known.version;
}
