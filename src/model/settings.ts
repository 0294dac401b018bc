/** What a user chose about reading and writing a stream, as far as it decides which events are in which bytes. */

import type { Compression, Format } from "./format.ts";

export const JSON_MODES = ["relaxed", "canonical"] as const;
export type JsonMode = (typeof JSON_MODES)[number];

export const FULL_DOCUMENTS = ["off", "update-lookup", "when-available", "required"] as const;
export type FullDocument = (typeof FULL_DOCUMENTS)[number];

export const FULL_DOCUMENTS_BEFORE_CHANGE = ["off", "when-available", "required"] as const;
export type FullDocumentBeforeChange = (typeof FULL_DOCUMENTS_BEFORE_CHANGE)[number];

/** How much time one object may span: an hour, a day (UTC, of the cluster time), or any. */
export const BUCKET_RULES = ["hour", "day", "none"] as const;
export type BucketRule = (typeof BUCKET_RULES)[number];

/** How events become bytes. `compressionLevel` is in the codec's own scale; absent: its fast level. */
export interface Encoding {
  readonly format: Format;
  readonly compression: Compression;
  readonly compressionLevel?: number;
  readonly jsonMode: JsonMode;
}

/** An encoding and the version of the rows that are made. */
export interface RowEncoding extends Encoding {
  /** As the settings of the rows' time say: a range that is read again gives the bytes of then. Default: the newest. */
  readonly encoderVersion?: number;
}

/** Where objects go: `template` has `{db} {db!} {coll} {coll!} {yyyy} {MM} {dd} {HH} {hash}`; empty puts them beside each other. */
export interface KeyRule {
  readonly template: string;
  readonly bucket: BucketRule;
}

/**
 * Which namespaces of a database or deployment stream are wanted, as patterns of `db.coll` in which `*` is any text.
 * An empty `include` is all; an exclude wins. Events of the whole database (dropDatabase) always pass.
 */
export interface NamespaceFilter {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/**
 * All settings that decide which events are selected and which bytes they become. The journal keeps them with each
 * change, so that a range read again years later gives the same objects.
 *
 * `stages` are aggregation stages in canonical Extended JSON.
 */
export interface StreamSettings {
  readonly fullDocument: FullDocument;
  readonly fullDocumentBeforeChange: FullDocumentBeforeChange;
  readonly namespaces: NamespaceFilter;
  readonly stages: readonly unknown[];
  /**
   * `namespace`: the events of a collection's name, without `invalidate`, however they are read; no drop or rename ends the
   * stream. Absent, as in all records before version 3: what a change stream of the collection gives, which the server ends
   * with an `invalidate`. Only streams of a whole collection have it.
   */
  readonly reading?: "namespace";
  /** Paths of fields that are removed from all events; absent where there are none, as journals of before have it. */
  readonly redact?: readonly string[];
  readonly encoding: Encoding;
  readonly keyRule: KeyRule;
  readonly encoderVersion: number;
}

/** What an encoder needs to know of the settings. */
export function rowEncoding({ encoding, encoderVersion }: StreamSettings): RowEncoding {
  return { ...encoding, encoderVersion };
}

/**
 * The names of the settings in which the two differ. The order of keys counts in stages alone: there it decides what an
 * embedded document equals and in which order fields are added.
 */
export function changedSettings(a: StreamSettings, b: StreamSettings): string[] {
  const names = Object.keys({ ...a, ...b }) as (keyof StreamSettings)[];
  return names.filter((name) => settingText(a, name) !== settingText(b, name));
}

/** A setting as a text that is the same where it means the same. */
export function settingText(settings: StreamSettings, name: keyof StreamSettings): string {
  return JSON.stringify(name === "stages" ? settings.stages : sorted(settings[name]));
}

/** The same value with the keys of its objects in one order, so that equal settings give equal text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => a < b ? -1 : 1).map(([k, v]) => [k, sorted(v)]),
  );
}
