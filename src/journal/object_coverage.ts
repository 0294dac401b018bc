import type { ClusterTime } from "../model/cluster_time.ts";
import type { Coverage, CoverageGap, EarlierCoverage, OpenEnd } from "../model/coverage.ts";
import type { NamespaceFilter } from "../model/settings.ts";
import type { CoverageLog } from "../pipeline/stages.ts";
import { arrayOf, oneOf, openObjectOf, text, wholeNumber } from "../support/json_shape.ts";
import { findLast } from "./find_last.ts";
import { coverageKey, SELECTIONS_FOLDER } from "./journal_keys.ts";
import { type JournalStore, JSON_CONTENT } from "./object_journal.ts";
import { POSITION } from "./position_shape.ts";
import { decodeFile, encodeFile, type FileForm } from "./versioned_json.ts";

/** The version of these files that this program writes. */
const COVERAGE_VERSION = 1;

const UINT32_MAX = 0xffffffff;

const TIME = openObjectOf<ClusterTime>({
  t: wholeNumber(0, UINT32_MAX),
  i: wholeNumber(0, UINT32_MAX),
});

const FILTER = openObjectOf<NamespaceFilter>({
  include: arrayOf(text()),
  exclude: arrayOf(text()),
});

type File = Coverage & { readonly v: typeof COVERAGE_VERSION };

const COVERAGE_FILE: FileForm<File> = {
  what: "the coverage of a selection",
  versions: [COVERAGE_VERSION],
  shape: openObjectOf<File>({
    v: oneOf(COVERAGE_VERSION),
    seq: wholeNumber(0),
    filter: FILTER,
    start: POSITION,
    through: TIME,
    before: arrayOf(openObjectOf<EarlierCoverage>({ filter: FILTER, from: TIME })),
    open: arrayOf(
      openObjectOf<OpenEnd>({ database: text(), collection: text(), time: TIME }),
    ),
    gaps: arrayOf(openObjectOf<CoverageGap>({ from: TIME, to: TIME, reason: text() })),
    writtenAt: text(),
  }),
};

/** The coverage of selections beside the journals, `_tributary/selections/{selection}/{seq}.json`, each written once. */
export function createObjectCoverage(store: JournalStore): CoverageLog {
  return {
    ...readObjectCoverage(store),
    async append(selection, coverage) {
      const bytes = encodeFile(COVERAGE_FILE, { v: COVERAGE_VERSION, ...coverage });
      const key = coverageKey(selection, coverage.seq);
      const outcome = await store.putIfAbsent(key, bytes, JSON_CONTENT);
      return outcome === "created" ? "appended" : "exists";
    },
  };
}

/** The same for those who only look. */
export function readObjectCoverage(store: CoverageFiles): Omit<CoverageLog, "append"> {
  return {
    async selections() {
      return (await store.listFolders(SELECTIONS_FOLDER)).sort();
    },
    last: (selection, hintSeq) => findLast((seq) => readCoverage(store, selection, seq), hintSeq),
  };
}

type CoverageFiles = Pick<JournalStore, "get" | "listFolders">;

/** One entry, or undefined. */
export async function readCoverage(
  store: Pick<JournalStore, "get">,
  selection: string,
  seq: number,
): Promise<Coverage | undefined> {
  const key = coverageKey(selection, seq);
  const bytes = await store.get(key);
  if (bytes === undefined) return undefined;
  const { v: _, ...coverage } = decodeFile(COVERAGE_FILE, bytes, key);
  return coverage;
}
