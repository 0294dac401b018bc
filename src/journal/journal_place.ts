import { PermanentError, TransientError } from "../model/errors.ts";
import { encodeName } from "../model/keys/name_encoding.ts";
import type { Journal, LakeStore } from "../pipeline/ports.ts";
import { objectOf, oneOf, text } from "../support/json_shape.ts";
import type { Random } from "../support/random.ts";
import { decodeFile, encodeFile, type FileForm } from "./codec/versioned_json.ts";
import {
  JOURNAL_MARK,
  OWN_FOLDER,
  recordKey,
  streamFolder,
  STREAMS_FOLDER,
} from "./journal_keys.ts";
import { JSON_CONTENT } from "./object_journal.ts";

/** A store and how people name it. */
export interface NamedStore
  extends Pick<LakeStore, "putIfAbsent" | "get" | "list" | "listFolders"> {
  readonly url: string;
}

/** Where a lake's own files lie, and where its objects do: one store, or two. */
export interface LakePlaces<S extends NamedStore = NamedStore> {
  readonly lake: S;
  readonly destination: S;
}

/** The version of marks that this program writes. */
const MARK_VERSION = 1;

/**
 * That a journal and a destination belong together, in each of them once. They are known by `pair`, so that both may be
 * copied together, and be looked at under other addresses.
 */
interface Mark {
  readonly v: typeof MARK_VERSION;
  readonly pair: string;
  readonly journal: string;
  readonly destination: string;
}

const MARK: FileForm<Mark> = {
  what: "the mark of the journal's place",
  versions: [MARK_VERSION],
  shape: objectOf<Mark>({
    v: oneOf(MARK_VERSION),
    pair: text(),
    journal: text(),
    destination: text(),
  }),
};

/** In the place of a journal: its objects lie elsewhere. */
const IN_JOURNAL = `${OWN_FOLDER}destination.json`;

/**
 * Looks whether the journal of a lake is where the settings say it is. A lake keeps the place that it began with: with
 * another one it would begin anew, and have its events twice. Asks both stores, so it also shows whether they answer.
 *
 * @throws {PermanentError} with what to change.
 */
export async function assertJournalPlace({ lake, destination }: LakePlaces): Promise<void> {
  await readMarks({ lake, destination }, false);
}

/**
 * As `assertJournalPlace`; and where the journal has a place of its own, notes that before anything else is written.
 *
 * @throws {PermanentError} as well if somebody else has claimed one of the places meanwhile.
 */
export async function claimJournalPlace(places: LakePlaces, random: Random): Promise<void> {
  const { lake, destination } = places;
  const marks = await readMarks(places, true);
  if (lake === destination) return;
  if (marks.ofDestination !== undefined && marks.ofJournal !== undefined) {
    return await claimMoved(places, marks.ofJournal, marks.ofDestination);
  }
  const made: Mark = {
    ...{ v: MARK_VERSION, pair: random.uuid() },
    ...{ journal: lake.url, destination: destination.url },
  };
  // First where two destinations would meet: who comes second finds the first one's name.
  const ofJournal = await putMark(lake, IN_JOURNAL, made);
  if (ofJournal.destination !== destination.url) throw takenBy(places, ofJournal);
  if ((await readMark(destination, IN_JOURNAL))?.pair === ofJournal.pair) throw sameTwice(places);
  const ofDestination = await putMark(destination, JOURNAL_MARK, ofJournal);
  if (ofDestination.pair !== ofJournal.pair) throw liesElsewhere(places, ofDestination);
  // Whoever began a journal in the destination meanwhile looks for the mark behind its first record: one of us sees the other.
  await readMarks(places, true);
}

/**
 * The same journal, which looks once, when a record is there, whether somebody has claimed another place for the journal
 * of this lake: no events of it are stored then. Who claims one later finds that record.
 */
export function keepToPlace(journal: Journal, { lake, destination }: LakePlaces): Journal {
  if (lake !== destination) return journal;
  let isSettled = false;
  const settle = async () => {
    if (isSettled) return;
    const mark = await readMark(destination, JOURNAL_MARK);
    if (mark !== undefined) throw liesElsewhere({ lake, destination }, mark);
    isSettled = true;
  };
  return {
    ...journal,
    async last(streamKey, hintSeq) {
      const record = await journal.last(streamKey, hintSeq);
      if (record !== undefined) await settle();
      return record;
    },
    async append(streamKey, record) {
      const outcome = await journal.append(streamKey, record);
      await settle();
      return outcome;
    },
  };
}

/**
 * Copies of both at other addresses, and places whose mark somebody has corrected, are marked once more under their
 * addresses: else parts of two copies could be put together, or a place that was left be written again.
 */
async function claimMoved(places: LakePlaces, first: Mark, ofDestination: Mark): Promise<void> {
  const { lake, destination } = places;
  assertMovedTogether(places, first);
  const isCorrected = first.journal !== ofDestination.journal ||
    first.destination !== ofDestination.destination;
  if (first.journal === lake.url && !isCorrected) return;
  const moved: Mark = { ...first, journal: lake.url, destination: destination.url };
  const ofJournal = await putMark(lake, copyMark(IN_JOURNAL, lake.url), moved);
  if (ofJournal.destination !== destination.url) throw takenBy(places, ofJournal);
  const ofCopy = await putMark(destination, copyMark(JOURNAL_MARK, destination.url), moved);
  if (ofCopy.journal !== lake.url) throw liesElsewhere(places, ofCopy);
}

/**
 * Throws where somebody has written one of the two with another one under the address that it has here. Readers may know
 * places by addresses of their own: for them both have to say so.
 */
async function assertNotWithAnother(places: LakePlaces, isWriter: boolean): Promise<void> {
  const { lake, destination } = places;
  const [ofCopy, ofJournal] = await Promise.all([
    readMark(destination, copyMark(JOURNAL_MARK, destination.url)),
    readMark(lake, copyMark(IN_JOURNAL, lake.url)),
  ]);
  const isOther = ofCopy !== undefined && ofCopy.journal !== lake.url;
  const isOthers = ofJournal !== undefined && ofJournal.destination !== destination.url;
  if (!isWriter && !(isOther && isOthers)) return;
  if (isOther) throw liesElsewhere(places, ofCopy);
  if (isOthers) throw takenBy(places, ofJournal);
}

function copyMark(key: string, url: string): string {
  return key.replace(/json$/, `${encodeName(url)}.json`);
}

/**
 * Who copies one of the two and leaves the other has two lakes with one journal, or two journals for one lake: each would
 * have a part of the events. From here that cannot be told from a place that has another address now, so a person says it.
 */
function assertMovedTogether({ lake, destination }: LakePlaces, mark: Mark): void {
  const isJournalMoved = mark.journal !== lake.url;
  if (isJournalMoved === (mark.destination !== destination.url)) return;
  const [moved, other] = isJournalMoved
    ? [mark.journal, destination.url]
    : [mark.destination, lake.url];
  throw refusal(
    `Cannot use JOURNAL ${lake.url} with DESTINATION ${destination.url}: ${other} belongs to ${moved}; use copies of ` +
      `both, or, if nothing writes with ${moved} any more, correct the address in ${IN_JOURNAL} of the journal`,
  );
}

interface Marks {
  readonly ofDestination: Mark | undefined;
  readonly ofJournal: Mark | undefined;
}

async function readMarks(places: LakePlaces, isWriter: boolean): Promise<Marks> {
  const { lake, destination } = places;
  const [folders, inLake] = await Promise.all([
    destination.listFolders(OWN_FOLDER),
    lake === destination ? [] as string[] : lake.listFolders(OWN_FOLDER),
  ]);
  const [ofDestination, ofJournal] = await Promise.all([
    readMark(destination, JOURNAL_MARK),
    readMark(lake, IN_JOURNAL),
  ]);
  if (lake === destination) {
    if (ofDestination !== undefined) throw liesElsewhere(places, ofDestination);
    if (ofJournal !== undefined) throw takenBy(places, ofJournal);
    return { ofDestination, ofJournal };
  }
  const isPair = ofJournal !== undefined && ofJournal.pair === ofDestination?.pair;
  if (isPair) await assertNotWithAnother(places, isWriter);
  const isPaired = isPair && hasJournal(inLake) && await hasBegunOnly(destination);
  if (hasJournal(folders) && !isPaired) {
    throw refusal(
      `Cannot use JOURNAL ${lake.url}: the journal of this lake lies in ${destination.url}, and a lake keeps ` +
        "the place that it began with; take JOURNAL away, or begin with another DESTINATION",
    );
  }
  if (ofDestination !== undefined && ofDestination.pair !== ofJournal?.pair) {
    throw liesElsewhere(places, ofDestination);
  }
  if (ofDestination === undefined && ofJournal !== undefined) {
    if (ofJournal.destination !== destination.url) throw takenBy(places, ofJournal);
  }
  if (ofJournal === undefined && hasJournal(inLake)) {
    throw refusal(
      `Cannot use JOURNAL ${lake.url}: the journal of a lake with objects of its own lies there; use an empty place`,
    );
  }
  return { ofDestination, ofJournal };
}

/** Whether a listing of a store's own files says that a journal has begun there: streams may come long after selections. */
function hasJournal(folders: readonly string[]): boolean {
  return folders.some((name) => JOURNAL_FOLDERS.includes(name));
}

/** Whether streams got no further there than to their first records, as of one that met our marks behind those. */
async function hasBegunOnly(store: NamedStore): Promise<boolean> {
  const keys = await store.list(STREAMS_FOLDER, { limit: BEGUN_MAX });
  return keys.length < BEGUN_MAX && keys.every((key) => key.endsWith(FIRST_RECORD));
}

const BEGUN_MAX = 1000;

const FIRST_RECORD = recordKey("", 0).slice(streamFolder("").length - 1);

const JOURNAL_FOLDERS = ["streams", "selections", "start", "layout", "accepted", "redriven"];

function liesElsewhere({ lake, destination }: LakePlaces, { journal }: Mark): PermanentError {
  if (journal === lake.url) {
    return refusal(
      `Cannot use JOURNAL ${lake.url} with DESTINATION ${destination.url}: the journal of this lake should lie there, ` +
        "and does not; bring it back from a copy, for what is in the lake is known by it alone",
    );
  }
  const where = lake === destination ? "" : `JOURNAL ${lake.url} with `;
  // Two that began at once, with and without JOURNAL, may have left the mark and no journal there.
  const otherwise = lake === destination ? `, or, if none is there, remove "${JOURNAL_MARK}"` : "";
  return refusal(
    `Cannot use ${where}DESTINATION ${destination.url}: the journal of this lake lies in ${journal}; ` +
      `set JOURNAL to that place${otherwise}`,
  );
}

function takenBy({ lake, destination }: LakePlaces, mark: Mark): PermanentError {
  return refusal(
    `Cannot use ${lake === destination ? "DESTINATION" : "JOURNAL"} ${lake.url}: the journal of ` +
      `${mark.destination} lies there; use another place`,
  );
}

function sameTwice({ lake, destination }: LakePlaces): PermanentError {
  return refusal(
    `Cannot use JOURNAL ${lake.url}: it and DESTINATION ${destination.url} are the same place; take JOURNAL away ` +
      `and remove "${IN_JOURNAL}" there`,
  );
}

function refusal(sentence: string): PermanentError {
  return new PermanentError(sentence, { mend: "configuration" });
}

async function readMark(store: Pick<NamedStore, "get">, key: string): Promise<Mark | undefined> {
  const bytes = await store.get(key);
  return bytes && decodeFile(MARK, bytes, key);
}

/** The answer is what counts, ours or an earlier one. */
async function putMark(store: NamedStore, key: string, mark: Mark): Promise<Mark> {
  if (await store.putIfAbsent(key, encodeFile(MARK, mark), JSON_CONTENT) === "created") return mark;
  const earlier = await readMark(store, key);
  if (earlier !== undefined) return earlier;
  throw new TransientError(`Cannot write "${key}": it is said to exist, but cannot be read`);
}
