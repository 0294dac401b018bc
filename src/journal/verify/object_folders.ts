import type { GenesisRecord, JournalRecord } from "../../model/record.ts";
import type { Stream } from "../../model/stream.ts";

/** What differs among a stream's objects, in templates of keys. */
const VARYING: Readonly<Record<Stream["level"], RegExp>> = {
  collection: /\{(yyyy|MM|dd|HH|hash)\}/,
  database: /\{(coll!?|yyyy|MM|dd|HH|hash)\}/,
  deployment: /\{(db!?|coll!?|yyyy|MM|dd|HH|hash)\}/,
};

/** Finds out in which folder a stream's objects lie, from its records and the keys that they name. */
export class ObjectFolders {
  readonly #templates = new Set<string>();
  /** Segments that all keys have in common; undefined before the first. */
  #common: readonly string[] | undefined;

  sawRecord(record: JournalRecord): void {
    if (record.kind === "genesis" || record.kind === "settings") {
      this.#templates.add(record.settings.keyRule.template);
    }
  }

  sawKey(key: string): void {
    const segments = key.split("/").slice(0, -1);
    const before = this.#common;
    if (before === undefined) this.#common = segments;
    else {
      const differs = before.findIndex((segment, i) => segment !== segments[i]);
      if (differs !== -1) this.#common = before.slice(0, differs);
    }
  }

  /** The folder, with its `/`, that also holds what was not seen; empty where there may be none. */
  common({ stream, settings }: GenesisRecord): string {
    const templates = [...this.#templates, settings.keyRule.template];
    const fixed = templates.map((template) => {
      const segments = template.split("/").filter((segment) => segment !== "");
      const varies = segments.findIndex((segment) => VARYING[stream.level].test(segment));
      return varies === -1 ? segments.length : varies;
    });
    const segments = (this.#common ?? []).slice(0, Math.min(...fixed));
    return segments.map((segment) => `${segment}/`).join("");
  }
}
