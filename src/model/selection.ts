import { createHash } from "node:crypto";
import { settingText, type StreamSettings } from "./settings.ts";

/**
 * What of the settings decides which events of a stream become rows. Everything else decides their bytes only, and may
 * differ between two writers of a journal; this may not, for each would advance the journal over the other's events.
 *
 * What is removed from events belongs to it, too: a field that one writer hides another would show.
 *
 * That an image is required belongs to it: stages may filter on it then, and events without it become dead letters.
 */
const PARTS: {
  readonly [name: string]: (settings: StreamSettings) => string | undefined;
} = {
  "the collections": ({ namespaces: { include, exclude } }) =>
    JSON.stringify([namesOf(include), namesOf(exclude)]),
  "the pipeline stages": (settings) => settingText(settings, "stages"),
  "FULL_DOCUMENT": ({ fullDocument }) => String(fullDocument === "required"),
  "FULL_DOCUMENT_BEFORE_CHANGE": ({ fullDocumentBeforeChange }) =>
    String(fullDocumentBeforeChange === "required"),
  // Left out where nothing is removed: versions that know nothing of it have no such part.
  "REDACT": ({ redact = [] }) => redact.length === 0 ? undefined : JSON.stringify(namesOf(redact)),
};

const HASH_HEX_DIGITS = 16;

/** A short text that is the same for two settings if they select the same events. */
export function selectionOf(settings: StreamSettings): string {
  return Object.values(PARTS).map((part) => part(settings)).filter((text) => text !== undefined)
    .map((text) => createHash("sha256").update(text).digest("hex").slice(0, HASH_HEX_DIGITS))
    .join("-");
}

/** In what two selections differ, for people; empty if they are the same. */
export function selectionDifferences(a: string, b: string): string[] {
  const [left, right] = [a.split("-"), b.split("-")];
  const names = Object.keys(PARTS).filter((_, i) => left[i] !== right[i]);
  // A newer version may tell of more than this one knows.
  return names.length === 0 && a !== b ? ["the settings"] : names;
}

/** Why two writers that differ in these may not both run: completes "for ...". */
export function whyNotBoth(differences: readonly string[]): string {
  return differences.length === 1 && differences[0] === "REDACT"
    ? "one would store what the other removes"
    : "each would pass over events of the other";
}

/** The order of patterns means nothing, nor that one is there twice. */
function namesOf(patterns: readonly string[]): string[] {
  return [...new Set(patterns)].sort();
}
