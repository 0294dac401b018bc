import { type Clock, sleep } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import { tableFault, type TableName, unreadableFault } from "../table_log.ts";
import type { Catalog, LoadedTable, NewTable, TableChange, TableMetadata } from "./catalog.ts";
import { parseJson, writeJson } from "./exact_json.ts";
import { type IcebergStore, metadataFolder, urlOf } from "./files.ts";
import { metadataAfter, newMetadata, timeOfChange, unmet } from "./metadata.ts";
import { readMetadata } from "./read_metadata.ts";
import { cleanVersions } from "./version_cleaning.ts";
import { versionKey, versionsOf } from "./versions.ts";

/** Behind a pause of this length the newest metadata is looked for anew: its number may have been cleaned away meanwhile. */
const TIP_AGE_MS_MAX = 3_600_000;

/** A hint that is further behind than this many changes is not followed one by one. */
const STEPS_MAX = 16;

const VERSIONS_A_CLEANING = 100;

/**
 * Who says so soon which metadata is the newest need not look behind it whether it still is: whoever finds newer metadata than the hint
 * tells waits for as long, before it goes on, so nobody's hint is passed by an older one.
 */
const HINT_MS_MAX = 1000;

const JSON_CONTENT = { contentType: "application/json" };

export interface FileCatalogParts {
  readonly store: IcebergStore;
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Told of what failed beside a change that was made. */
  readonly failedBeside: (error: unknown) => void;
}

/** The metadata with the highest number. */
interface Tip {
  readonly version: number;
  readonly text: string;
  readonly metadata: TableMetadata;
}

/**
 * A table that no catalog knows: each change is metadata with the next number, `metadata/vN.metadata.json`, put if absent. Readers find
 * the newest by `metadata/version-hint.text`.
 */
export class FileCatalog implements Catalog {
  readonly #parts: FileCatalogParts;
  #tip: Tip | undefined;
  /** Whether there may be newer metadata than what was the newest. Else the next put tells. */
  #mayBeBehind = false;
  /** When the newest metadata was looked for. */
  #readMs = -Infinity;

  constructor(parts: FileCatalogParts) {
    this.#parts = parts;
  }

  async load(name: TableName): Promise<LoadedTable | undefined> {
    const nowMs = this.#parts.clock.monotonicMs();
    const isOld = nowMs - this.#readMs > TIP_AGE_MS_MAX;
    const known = isOld ? undefined : this.#tip;
    this.#tip = undefined;
    const isSame = known !== undefined && await this.#text(known.version) === known.text;
    const isLast = isSame && !this.#mayBeBehind;
    this.#tip = isLast ? known : isSame ? await this.#goOn(known) : await this.#find();
    this.#mayBeBehind = false;
    this.#readMs = nowMs;
    return this.#tip && this.#loaded(name, this.#tip);
  }

  async create(name: TableName, table: NewTable): Promise<LoadedTable | "conflict" | "unknown"> {
    const { random, clock } = this.#parts;
    const isFresh = clock.monotonicMs() - this.#readMs <= TIP_AGE_MS_MAX;
    if (!isFresh && await this.load(name) !== undefined) return "conflict";
    const metadata = newMetadata(table, random.uuid(), clock.wallMs());
    return await this.#put(name, 1, metadata);
  }

  async commit(
    { name, metadata, metadataUrl = "" }: LoadedTable,
    change: TableChange,
  ): Promise<LoadedTable | "conflict" | "unknown"> {
    const version = Number(/\/v(\d+)\.metadata\.json$/.exec(metadataUrl)?.[1]);
    const isTip = () => {
      const tip = this.#tip;
      return tip?.version === version &&
        tip.metadata["table-uuid"] === metadata["table-uuid"];
    };
    if (!isTip()) await this.load(name);
    if (!isTip() || unmet(metadata, change.requirements) !== undefined) return "conflict";
    const nowMs = timeOfChange(metadata, this.#parts.clock.wallMs());
    const place = { before: metadataUrl, nowMs };
    return await this.#put(name, version + 1, metadataAfter(metadata, change, place));
  }

  async drop(): Promise<void> {
    const { store, folder } = this.#parts;
    this.#tip = undefined;
    await store.remove(this.#hintKey);
    // From the end: what is left after a crash is a table of before.
    for (const version of (await versionsOf(store, folder)).toReversed()) {
      await store.remove(versionKey(folder, version));
    }
  }

  async #put(
    name: TableName,
    version: number,
    metadata: TableMetadata,
  ): Promise<LoadedTable | "conflict" | "unknown"> {
    const { store, folder, clock } = this.#parts;
    const text = writeJson(metadata);
    const bytes = new TextEncoder().encode(text);
    this.#mayBeBehind = true;
    const startMs = clock.monotonicMs();
    const outcome = await store.putIfAbsent(versionKey(folder, version), bytes, JSON_CONTENT);
    if (outcome === "exists") return "conflict";
    // The number may have been one that was cleaned away: only what is there says.
    if (clock.monotonicMs() - this.#readMs > TIP_AGE_MS_MAX) return "unknown";
    this.#tip = { version, text, metadata };
    this.#mayBeBehind = false;
    await this.#hint(version, startMs).catch(this.#parts.failedBeside);
    if (version % VERSIONS_A_CLEANING === 0) {
      await cleanVersions(store, folder, clock.wallMs()).catch(this.#parts.failedBeside);
    }
    return this.#loaded(name, this.#tip);
  }

  /**
   * Says which number is the newest, and looks then whether it still is, unless that was soon after `sinceMs`: whoever is last to say it
   * has seen that there is no higher one, so a slow writer does not leave the hint behind.
   */
  async #hint(first: number, sinceMs = -Infinity): Promise<void> {
    const { store, clock } = this.#parts;
    for (let version = first;; version++) {
      await store.replace(this.#hintKey, new TextEncoder().encode(String(version)));
      if (clock.monotonicMs() - sinceMs < HINT_MS_MAX) return;
      if (await this.#text(version + 1) === undefined) return;
    }
  }

  async #hinted(): Promise<number> {
    const bytes = await this.#parts.store.get(this.#hintKey);
    return Number(bytes && new TextDecoder().decode(bytes).trim());
  }

  /** Somebody was faster, or an answer of ours was lost. */
  async #goOn(known: Tip): Promise<Tip | undefined> {
    const tip = await this.#last(known);
    if (tip === undefined || tip.version === known.version) return tip;
    return await this.#mended(tip, await this.#hinted());
  }

  async #find(): Promise<Tip | undefined> {
    const { store, folder } = this.#parts;
    const hinted = await this.#hinted();
    const text = Number.isSafeInteger(hinted) ? await this.#text(hinted) : undefined;
    if (text !== undefined) {
      const tip = await this.#last(this.#tipOf(hinted, text), STEPS_MAX);
      if (tip !== undefined) return await this.#mended(tip, hinted);
    }
    const version = (await versionsOf(store, folder)).at(-1);
    if (version === undefined) return undefined;
    const found = await this.#text(version);
    if (found === undefined) return undefined;
    const tip = await this.#last(this.#tipOf(version, found));
    return tip && await this.#mended(tip, hinted);
  }

  /** A writer that was killed may have left the hint behind, or is about to write it. */
  async #mended(tip: Tip, hinted: number): Promise<Tip> {
    if (tip.version === hinted) return tip;
    if (!(hinted > tip.version)) await sleep(this.#parts.clock, HINT_MS_MAX);
    await this.#hint(tip.version).catch(this.#parts.failedBeside);
    return tip;
  }

  /** Goes on to the newest; undefined where that is more than `stepsMax` away. */
  async #last(from: Tip, stepsMax = Infinity): Promise<Tip | undefined> {
    let { version, text } = from;
    for (let steps = 0;; steps++) {
      const next = await this.#text(version + 1);
      if (next === undefined) break;
      if (steps === stepsMax) return undefined;
      [version, text] = [version + 1, next];
    }
    const tip = version === from.version ? from : this.#tipOf(version, text);
    if (tip.metadata["table-uuid"] === from.metadata["table-uuid"]) return tip;
    throw tableFault(
      this.#parts.folder,
      `its metadata ${version} is of another table than its metadata ${from.version}; make it anew with ` +
        "`tributary table drop` and `tributary table build`",
    );
  }

  #tipOf(version: number, text: string): Tip {
    try {
      return { version, text, metadata: readMetadata(parseJson(text)) };
    } catch (error) {
      throw unreadableFault(this.#parts.folder, `its metadata ${version}`, error);
    }
  }

  async #text(version: number): Promise<string | undefined> {
    const { store, folder } = this.#parts;
    const bytes = await store.get(versionKey(folder, version));
    return bytes && new TextDecoder().decode(bytes);
  }

  #loaded(name: TableName, { version, metadata }: Tip): LoadedTable {
    const { store, folder } = this.#parts;
    return { name, metadata, metadataUrl: urlOf(store, versionKey(folder, version)) };
  }

  get #hintKey(): string {
    return `${metadataFolder(this.#parts.folder)}version-hint.text`;
  }
}
