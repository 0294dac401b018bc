import { errorMessage } from "../../model/errors.ts";
import { chooseStreamKeys, nameOfKey } from "../../model/stream_choice.ts";
import type { StateStore, StreamState } from "../../pipeline/ports.ts";
import { KeySet } from "../../support/bytes/key_set.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import { acceptedStreams } from "../losses/accepted_losses.ts";
import { RANGES_FOLDER, streamFolder } from "../journal_keys.ts";
import { selectionOfName } from "../losses/selection_gaps.ts";
import { verifySelections } from "./verify_selections.ts";
import { type WalkedJournal, walkJournal } from "./verify.ts";
import { verifyRedrives } from "./verify_redrives.ts";
import { findOrphans, type Orphan } from "./verify_listing.ts";
import type { StreamReport, VerifyOptions } from "./verify_options.ts";
import { judgeState } from "./verify_state.ts";

/** Journals walked side by side; the destination limits their requests. */
const STREAMS_IN_FLIGHT_MAX = 16;

/** Orphans in a report; whoever wants all of them is told of each. */
const ORPHANS_REPORTED_MAX = 10_000;

/** The streams of a lake, and what is wrong with them. */
export interface LakeReport {
  /** Streams that have a journal in the lake, also those that were not asked for. */
  readonly streamsInLake: number;
  /** In the order of their keys; behind them the selections of which something is not known. */
  readonly streams: readonly StreamReport[];
  /** Records that are gone, as the objects and the state store tell. */
  readonly lost: readonly LostRecords[];
  /** Objects that no record names: the first ten thousand, and how many there are. */
  readonly orphans: readonly Orphan[];
  readonly orphansFound: number;
  /** Those of them that no journal which is there can have named. */
  readonly foreignFound: number;
  /** What could not be compared, and why; none of it is a hole. */
  readonly notes: readonly string[];
}

export interface LostRecords {
  readonly stream: string;
  readonly what: string;
}

export interface LakeChoice {
  /** A key, a name, or a target with all its partitions. Default: all streams. */
  readonly stream?: string;
  /** The states of the pipeline's streams; absent where nobody keeps them. */
  readonly states?: StateStore["list"];
}

/** Told of what is found while the rest is still looked at. */
export interface LakeNews {
  /** Each stream in the order of their keys, as soon as those before it are done. */
  readonly verified?: (report: StreamReport) => void;
  readonly orphan?: (orphan: Orphan) => void;
}

/** Compares the journals of a lake, its objects and the state store with each other. */
export async function verifyLake(
  options: VerifyOptions,
  choice: LakeChoice,
  news: LakeNews,
): Promise<LakeReport> {
  const isChosen = choosing(choice.stream);
  const notes: string[] = [];
  const streamsInLake = await options.journal.streams();
  const all = [...streamsInLake, ...(await options.lake.listFolders(RANGES_FOLDER)).sort()];
  const named = new KeySet();
  const walked = await walkAll(options, all.filter(isChosen), named, news);
  const listing = { walked, named, isChosen, isAll: choice.stream === undefined };
  const { lost, ...found } = await collectOrphans(options, listing, news);
  for (const { strays = [] } of walked.values()) notes.push(...strays);
  if (choice.stream === undefined) notes.push(...await acceptedWithoutJournal(options, all));
  const states = await readStates(choice.states, notes);
  for (const [stream, state] of [...states].filter(([key]) => isChosen(key))) {
    const journal = walked.get(stream);
    const verdict = await judgeState(options.lake, stream, state, journal);
    const last = journal?.walked?.last;
    if (verdict === undefined) continue;
    if ("short" in verdict) {
      lost.push({ stream, what: `${verdict.short}; ${adviceFor(stream, last)}` });
    } else {
      notes.push(
        `The state store knows another ${
          nameOfKey(stream)
        }, so it was not compared: ${verdict.strange}`,
      );
    }
  }
  const selections = choice.stream === undefined ? await verifySelections(options.lake) : [];
  for (const each of selections) news.verified?.(each);
  const streams = [...walked.values()].map(({ report }) => report).concat(selections);
  return { streamsInLake: streamsInLake.length, streams, lost, ...found, notes };
}

/** Losses that somebody has accepted of streams that have no journal. */
async function acceptedWithoutJournal(
  { lake }: VerifyOptions,
  keys: readonly string[],
): Promise<string[]> {
  const others = (await acceptedStreams(lake)).filter((key) =>
    !keys.includes(key) && selectionOfName(key) === undefined
  );
  return others.map((key) => `Losses of ${nameOfKey(key)} are accepted, and it has no journal`);
}

/** Whether a stream was asked for, remembered: objects ask again and again. */
function choosing(word: string | undefined): (streamKey: string) => boolean {
  const chosen = new Map<string, boolean>();
  return (key) => {
    if (word === undefined) return true;
    const is = chosen.get(key) ?? chooseStreamKeys([key], word).length > 0;
    chosen.set(key, is);
    return is;
  };
}

async function walkAll(
  options: VerifyOptions,
  keys: readonly string[],
  named: KeySet,
  { verified = () => {} }: LakeNews,
): Promise<ReadonlyMap<string, WalkedJournal>> {
  const done: (StreamReport | undefined)[] = keys.map(() => undefined);
  let told = 0;
  const journals = await mapLimited(keys, STREAMS_IN_FLIGHT_MAX, async (key, index) => {
    const walked = await walkJournal(options, key, (each) => named.add(each));
    const report = await withRedrives(options, walked.report, (each) => named.add(each));
    const journal = { ...walked, report };
    done[index] = journal.report;
    for (let next = done[told]; next !== undefined; next = done[++told]) verified(next);
    return journal;
  });
  return new Map(keys.map((key, i) => [key, journals[i]!]));
}

/** What was made of dead letters lies beside what records name. */
async function withRedrives(
  options: VerifyOptions,
  report: StreamReport,
  named: (key: string) => void,
): Promise<StreamReport> {
  // Where there are no dead letters there is nothing to ask for; a journal that lost records cannot say so.
  if (report.deadLetters === 0 && report.holes.length === 0) return report;
  const { redriven, redrivenObjects, holes } = await verifyRedrives(options, report.stream, named);
  const all = [...report.holes, ...holes].sort((a, b) => a.seq - b.seq);
  const rows = redriven === 0 ? {} : { redriven, redrivenObjects };
  return { ...report, ...rows, holes: all };
}

interface Listing {
  readonly walked: ReadonlyMap<string, WalkedJournal>;
  readonly named: KeySet;
  readonly isChosen: (streamKey: string) => boolean;
  readonly isAll: boolean;
}

/** The orphans, and what they say of the journals that should name them. */
async function collectOrphans(
  options: VerifyOptions,
  { walked: journals, named, isChosen, isAll }: Listing,
  news: LakeNews,
): Promise<
  Omit<LakeReport, "streams" | "streamsInLake" | "lost" | "notes"> & {
    readonly lost: LostRecords[];
  }
> {
  const { lake, destination, inspect, sinceSeconds } = options;
  const folders = new Set([...journals.values()].map(({ folder }) => folder));
  const orphans: Orphan[] = [];
  const losses = new Map<string, Losses>();
  let orphansFound = 0;
  let foreignFound = 0;
  const found = findOrphans({
    lake,
    destination,
    inspect,
    named,
    journals,
    isChosen,
    isSince: sinceSeconds !== undefined,
    // Of one stream, or of partitions, which share it. Whoever asked for all gets other people's files as well.
    folder: isAll || folders.size !== 1 ? "" : [...folders][0]!,
  });
  for await (const orphan of found) {
    orphansFound++;
    if (orphan.kind === "foreign") foreignFound++;
    if (orphans.length < ORPHANS_REPORTED_MAX) orphans.push(orphan);
    news.orphan?.(orphan);
    countLoss(losses, orphan, journals.get(orphan.stream));
  }
  return { orphans, orphansFound, foreignFound, lost: [...losses.values()].map(lossText) };
}

/** Objects that tell of records which are not there. */
interface Losses {
  readonly stream: string;
  /** The last record that is there; absent where there is no journal. */
  readonly last?: number;
  objects: number;
  seqMin: number;
  seqMax: number;
}

function countLoss(
  losses: Map<string, Losses>,
  { stream, seq, kind }: Orphan,
  journal: WalkedJournal | undefined,
): void {
  const last = journal?.walked?.last;
  if (last !== undefined && kind !== "tail") return;
  let loss = losses.get(stream);
  if (loss === undefined) {
    loss = {
      stream,
      ...(last === undefined ? {} : { last }),
      objects: 0,
      seqMin: seq,
      seqMax: seq,
    };
    losses.set(stream, loss);
  }
  loss.objects++;
  loss.seqMin = Math.min(loss.seqMin, seq);
  loss.seqMax = Math.max(loss.seqMax, seq);
}

function lossText({ stream, last, objects, seqMin, seqMax }: Losses): LostRecords {
  const records = seqMin === seqMax ? `record ${seqMin}` : `records ${seqMin} to ${seqMax}`;
  const there = objects === 1
    ? `an object of ${records} is there`
    : `${objects} objects of ${records} are there`;
  const what = last === undefined
    ? `the journal is missing, and ${there}`
    : `the journal ends at record ${last}, and ${there}`;
  return { stream, what: `${what}; ${adviceFor(stream, last)}` };
}

/** What to do about records that are gone. */
function adviceFor(stream: string, last: number | undefined): string {
  const folder = streamFolder(stream);
  return last === undefined
    ? `restore ${folder}, or begin anew with \`tributary position adopt ${nameOfKey(stream)}\``
    : `restore the rest of ${folder}, or move away what \`tributary verify --orphans\` prints: the ` +
      `next run reads again from the end of record ${last}`;
}

/** The state store is a hint, so verification goes on without it, and says so. */
async function readStates(
  list: StateStore["list"] | undefined,
  notes: string[],
): Promise<ReadonlyMap<string, StreamState>> {
  if (list === undefined) return new Map();
  try {
    return await list();
  } catch (error) {
    notes.push(`The state store was not compared: ${errorMessage(error)}`);
    return new Map();
  }
}
