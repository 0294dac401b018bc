import { type ClusterTime, compareClusterTimes, earlierTime } from "../../model/cluster_time.ts";
import { type Coverage, type EarlierCoverage, selectionKey } from "../../model/coverage.ts";
import { errorMessage, PermanentError, TransientError } from "../../model/errors.ts";
import type { CollectionStream } from "../../model/layout.ts";
import { isNamespaceWanted } from "../../model/namespace_filter.ts";
import { comparePositions, type Position, positionAt, samePosition } from "../../model/position.ts";
import type { NamespaceFilter } from "../../model/settings.ts";
import { parseStreamKey, streamKey, targetKey, wholeTarget } from "../../model/stream.ts";
import { type Clock, isoTime } from "../../support/clock.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type { Random } from "../../support/random.ts";
import {
  beginCoverage,
  clamped,
  firstCoverage,
  isWantedKey,
  otherSelections,
} from "./begin_coverage.ts";
import type { NamespaceChange, NamespaceName, NamespaceSource } from "../namespaces.ts";
import type { CoverageLog } from "../ports.ts";
import { ListedCollections, toStream } from "./listed_collections.ts";
import { NamespaceWatch } from "./namespace_watch.ts";
import { endsAtDrop, haveStreamsPassed, type OpenEndParts } from "./open_end.ts";
import { fixTargetStart, type IsNew } from "../layout/target_start.ts";

/** Collections looked at side by side. */
const LOOKS_IN_FLIGHT_MAX = 16;

/** How old what the lake says of the coverage may be: so much of the oplog is read again after a crash. */
const WRITTEN_SECONDS_MAX = 600;

/** The same, as a part of the time that the oplog reaches back. */
const WRITTEN_WINDOW_PART = 0.1;

export interface SelectionCoverageOptions extends OpenEndParts {
  readonly filter: NamespaceFilter;
  readonly log: CoverageLog;
  readonly source: NamespaceSource;
  /** Where the settings say that a first start begins. */
  readonly startPosition: () => Promise<Position>;
  /** Awaited before the start of a collection is fixed that was there before the selection began. */
  readonly isNew?: (collection: CollectionStream, ...facts: Parameters<IsNew>) => Promise<void>;
  readonly onHistoryLost: () => "fail" | "restart" | "snapshot";
  /** Called when collections have begun or ended, which the next look shows. */
  readonly changed: () => void;
  readonly observe: (event: CoverageEvent) => void;
  readonly clock: Clock;
  readonly random: Random;
}

export type CoverageEvent =
  /** Collections are found by listing alone: the user may not see where they begin and end. */
  | { readonly type: "unseen" }
  | { readonly type: "watch-failed"; readonly error: unknown }
  /** What began and ended since then is not known. With a `to`, it goes on from there. */
  | {
    readonly type: "lost";
    readonly from: ClusterTime;
    readonly to?: ClusterTime;
    reason: string;
  };

/** A collection that is to be read at least up to a time, though no list need show it. */
interface End {
  readonly stream: CollectionStream;
  readonly time: ClusterTime;
  /** Only that it is gone is known, and since when at the latest. */
  readonly isGuess: boolean;
  /** Seqs of its last records. */
  readonly hints: Map<string, number>;
}

/**
 * Finds the collections of a selection, those also that come and go while nobody looks, so that nothing of them is missing
 * after the selection's start.
 *
 * Two things find them: the list of what is there, and a watch on where collections begin and end. The watch fixes the
 * start of each that begins; what the list shows without a start began after the place up to which everything is covered,
 * and starts there. That place moves on to the time after a list once the watch has passed that time, and is kept in the
 * lake. A collection that has ended is read until its journals are behind its end, whatever the list says.
 */
export class SelectionCoverage {
  readonly #options: SelectionCoverageOptions;
  readonly #key: string;
  /** The last entry in the lake. */
  #written: Coverage | undefined;
  #before: readonly EarlierCoverage[] = [];
  #through: ClusterTime = { t: 0, i: 0 };
  #watch: NamespaceWatch | undefined;
  readonly #ends = new Map<string, End>();
  readonly #collections = new ListedCollections();
  /** Targets that have a start or a journal. */
  readonly #started = new Set<string>();
  /** Where targets begin whose start could not be fixed: with each look it is tried again. */
  readonly #unfixed = new Map<string, Position>();
  /** The selection's start from which all that was listed begins. */
  #startedFrom: Position | undefined;
  #listed: ReadonlyMap<string, CollectionStream> | undefined;
  #listedTime: ClusterTime | undefined;
  /** The first look is done, so that what it found is in the lake. */
  #isSettled = false;
  #isSurveyed = false;
  #isUnseenTold = false;
  #isClosed = false;

  constructor(options: SelectionCoverageOptions) {
    this.#options = options;
    this.#key = selectionKey(options.filter);
  }

  get filter(): NamespaceFilter {
    return this.#options.filter;
  }

  /** The collections that are to run now. */
  async look(signal: AbortSignal): Promise<CollectionStream[]> {
    const { source, filter } = this.#options;
    if (this.#written === undefined) await this.#load();
    await this.#settle(signal);
    const found = await source.list(filter, this.#through, signal);
    const times = await source.times(signal);
    const listed = this.#collections.of(found);
    this.#noteVanished(listed, times.last);
    this.#listed = listed;
    await this.#reachBefore(times.last, signal);
    await this.#survey(listed, times.last);
    await this.#fixStarts(listed);
    await this.#forgetPassed(listed);
    this.#listedTime = times.last;
    await this.#write(times.oldest);
    const ends = [...this.#ends.values()].map((end): [string, CollectionStream] => {
      return [targetKey(end.stream), end.stream];
    });
    return [...(ends.length === 0 ? listed : new Map([...listed, ...ends])).values()];
  }

  /** Where the selection begins; undefined before the first look. */
  get start(): Position | undefined {
    return this.#written?.start;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#watch?.close();
  }

  async #load(): Promise<void> {
    const { journal } = this.#options;
    this.#adopt(await beginCoverage(this.#options));
    for (const key of await journal.streams()) {
      const stream = parseStreamKey(key);
      if (stream !== undefined) this.#started.add(targetKey(stream));
    }
  }

  #adopt(written: Coverage): void {
    this.#written = written;
    if (compareClusterTimes(written.through, this.#through) > 0) this.#through = written.through;
    this.#before = written.before;
    for (const each of written.open) this.#noteEnd(toStream(each), each.time);
  }

  /** The place after which a collection began that has no start. */
  #floor(): Position {
    return this.#isAtStart ? this.#written!.start : positionAt(this.#through);
  }

  /** Nothing is covered yet: what the list shows was there before. */
  get #isAtStart(): boolean {
    return compareClusterTimes(this.#written!.start.operationTime, this.#through) >= 0;
  }

  #openWatch(): NamespaceWatch {
    if (this.#isClosed) {
      throw new TransientError("Cannot look for collections: it has been stopped");
    }
    const { source, filter, observe, clock, random } = this.#options;
    const from = this.#before.map((each) => each.from).reduce(earlierTime, this.#through);
    return new NamespaceWatch({
      ...{ source, filter, from, clock, random },
      known: () => [...this.#listed?.values() ?? []],
      take: (news) => this.#take(news),
      failed: (error) => observe({ type: "watch-failed", error }),
    });
  }

  /** Moves the covered place on to the last look, if the watch has told all that happened until then. */
  async #settle(signal: AbortSignal): Promise<void> {
    const watch = this.#watch;
    if (watch?.condition === "lost") return await this.#afterLoss(watch, signal);
    const time = this.#listedTime;
    if (watch === undefined || time === undefined) return;
    const isUnseen = watch.condition === "unseen";
    if (isUnseen && !this.#isUnseenTold) this.#options.observe({ type: "unseen" });
    this.#isUnseenTold ||= isUnseen;
    if (!isUnseen && compareClusterTimes(watch.reached, time) <= 0) return;
    if (isUnseen) watch.moveTo(time);
    if (compareClusterTimes(time, this.#through) > 0) this.#through = time;
    this.#before = [];
    this.#isSettled = true;
  }

  /** What began before this selection has the start that the watch finds, not that of what was there already. */
  async #reachBefore(time: ClusterTime, signal: AbortSignal): Promise<void> {
    while (this.#before.length > 0) {
      const watch = this.#watch ??= this.#openWatch();
      await watch.reach(time, signal);
      if (watch.condition !== "lost") return;
      await this.#afterLoss(watch, signal);
    }
    this.#watch ??= this.#openWatch();
  }

  async #afterLoss(watch: NamespaceWatch, signal: AbortSignal): Promise<void> {
    const { source, observe, onHistoryLost, log } = this.#options;
    const written = this.#written!;
    const from = this.#through;
    const reason = errorMessage(watch.lost);
    const { oldest, last } = await source.times(signal);
    if (this.#before.length > 0) {
      // Streams of that time have lost as much, and say so.
      this.#before = clamped(this.#before, oldest);
    } else if (await this.#beginAnew(written)) {
      // Nothing that was promised is missing.
    } else if (onHistoryLost() !== "fail") {
      const to = oldest ?? last;
      const gaps = [...written.gaps, { from, to, reason }];
      const next = { ...written, seq: written.seq + 1, through: to, before: [], gaps };
      await log.append(this.#key, next);
      this.#adopt(await log.last(this.#key, next.seq) ?? next);
      observe({ type: "lost", from, to, reason });
    } else {
      return observe({ type: "lost", from, reason });
    }
    this.#listedTime = undefined;
    await watch.close();
    this.#watch = undefined;
  }

  /** Where other settings were in force since, or nothing has begun yet, there is another beginning. */
  async #beginAnew(written: Coverage): Promise<boolean> {
    const { log } = this.#options;
    const isBefore = (time: ClusterTime) => compareClusterTimes(this.#through, time) < 0;
    const others = await otherSelections(this.#options);
    if (written.seq > 0 && !others.some((each) => isBefore(each.through))) return false;
    const anew = await firstCoverage(this.#options, written.seq + 1);
    if (!isBefore(anew.through)) return false;
    await log.append(this.#key, { ...anew, gaps: written.gaps });
    this.#adopt(await log.last(this.#key, anew.seq) ?? anew);
    return true;
  }

  async #take(news: readonly NamespaceChange[]): Promise<void> {
    const { filter } = this.#options;
    const wanted = news.filter((each) => isNamespaceWanted(filter, nameOf(each)));
    // What happens to one collection stays in order.
    const byName = Map.groupBy(wanted, nameOf);
    await mapLimited([...byName.values()], LOOKS_IN_FLIGHT_MAX, async (changes) => {
      for (const change of changes) await this.#takeChange(change);
    });
    if (wanted.length > 0) this.#options.changed();
  }

  async #takeChange(change: NamespaceChange): Promise<void> {
    const stream = toStream(change);
    const at = positionAt(change.time);
    const isBefore = comparePositions(at, this.#written!.start) < 0;
    if (!this.#started.has(targetKey(stream))) {
      const isCovered = this.#before.some(({ filter, from }) =>
        compareClusterTimes(change.time, from) >= 0 && isNamespaceWanted(filter, nameOf(change))
      );
      if (isBefore && !(isCovered && change.change === "begun")) return;
      await this.#fixStart(stream, () => change.change === "begun" ? at : this.#floor());
    }
    this.#noteEnd(stream, change.time);
  }

  #noteEnd(stream: CollectionStream, time: ClusterTime, isGuess = false): void {
    const key = targetKey(stream);
    const known = this.#ends.get(key);
    const isLater = known === undefined || compareClusterTimes(time, known.time) > 0;
    if (!isLater && !known.isGuess) return;
    this.#ends.set(key, { stream, time, isGuess, hints: known?.hints ?? new Map() });
  }

  /** What no list shows any more has ended; where the watch has not told it, it has by now. */
  #noteVanished(listed: ReadonlyMap<string, CollectionStream>, now: ClusterTime): void {
    if (listed === this.#listed) return;
    for (const [key, stream] of this.#listed ?? []) {
      if (!listed.has(key) && !this.#ends.has(key)) this.#noteEnd(stream, now, true);
    }
  }

  async #fixStarts(listed: ReadonlyMap<string, CollectionStream>): Promise<void> {
    const without = [...listed].filter(([key]) => !this.#started.has(key)).map(([, each]) => each);
    // Whatever shows later began meanwhile.
    const { start } = this.#written!;
    const isFirst = this.#startedFrom === undefined || !samePosition(this.#startedFrom, start);
    await mapLimited(without, LOOKS_IN_FLIGHT_MAX, (each) => {
      return this.#fixStart(each, () => this.#floor(), this.#isAtStart && isFirst);
    });
    this.#startedFrom = start;
  }

  async #fixStart(stream: CollectionStream, start: () => Position, wasThere = false) {
    const { journal, isNew } = this.#options;
    const key = targetKey(stream);
    const at = this.#unfixed.get(key) ?? start();
    try {
      await fixTargetStart(journal, stream, () => Promise.resolve(at), async (from, followed) => {
        if (wasThere || followed.length > 0) await isNew?.(stream, from, followed);
      });
      this.#unfixed.delete(key);
      this.#started.add(key);
    } catch (error) {
      // Its stream will meet the same, and say so; once a person has mended it, the start is still this one.
      if (!(error instanceof PermanentError)) throw error;
      this.#unfixed.set(key, at);
    }
  }

  /** Where no coverage tells what ended while nothing ran: each journal that does not end behind a drop. */
  async #survey(listed: ReadonlyMap<string, CollectionStream>, now: ClusterTime): Promise<void> {
    const { filter, journal } = this.#options;
    const isNew = this.#written!.seq === 0;
    if (this.#isSurveyed || (!isNew && this.#watch?.condition !== "unseen")) return;
    const keys = (await journal.streams()).filter((key) => isWantedKey(key, filter));
    await mapLimited(keys, LOOKS_IN_FLIGHT_MAX, async (key) => {
      const stream = wholeTarget(parseStreamKey(key)!) as CollectionStream;
      const target = targetKey(stream);
      if (listed.has(target) || this.#ends.has(target)) return;
      const last = await journal.last(key);
      if (last === undefined || await endsAtDrop(this.#options, key, last)) return;
      if (!this.#ends.has(target)) this.#noteEnd(stream, now, true);
    });
    this.#isSurveyed = true;
  }

  /** Lets go of what is there again since the covered place, and of what has been read to its end. */
  async #forgetPassed(listed: ReadonlyMap<string, CollectionStream>): Promise<void> {
    if (this.#ends.size > 0) await this.#options.layoutNews.look();
    await mapLimited([...this.#ends], LOOKS_IN_FLIGHT_MAX, async ([key, end]) => {
      const isThere = listed.has(key) && compareClusterTimes(end.time, this.#through) <= 0;
      const { stream, time, hints } = end;
      if (!isThere && !await haveStreamsPassed(this.#options, stream, time, hints)) return;
      if (this.#ends.get(key) === end) this.#ends.delete(key);
    });
  }

  async #write(oldest: ClusterTime | undefined): Promise<void> {
    const { log, clock } = this.#options;
    const written = this.#written!;
    const open = [...this.#ends.values()].map(({ stream, time }) => {
      return { database: stream.database, collection: stream.collection, time };
    }).sort((a, b) => streamKeyOf(a) < streamKeyOf(b) ? -1 : 1);
    const through = this.#through;
    const isFirst = written.seq === 0 && this.#isSettled;
    if (!isFirst && !isDue(written, { through, open, before: this.#before }, oldest)) return;
    const next: Coverage = {
      ...written,
      seq: written.seq + 1,
      through,
      before: this.#before,
      open,
      writtenAt: isoTime(clock.wallMs()),
    };
    if (await log.append(this.#key, next) === "appended") {
      this.#written = next;
      return;
    }
    // Another copy's, or ours with its answer lost: what it says holds as well; the next look goes on from there.
    const theirs = await log.last(this.#key, next.seq);
    if (theirs !== undefined) this.#adopt(theirs);
  }
}

/** Whether what is known is worth an entry: each is an object in the lake. */
function isDue(
  written: Coverage,
  now: Pick<Coverage, "through" | "open" | "before">,
  oldest: ClusterTime | undefined,
): boolean {
  if (JSON.stringify(written.open) !== JSON.stringify(now.open)) return true;
  if (written.before.length !== now.before.length) return true;
  const isMoved = compareClusterTimes(now.through, written.through) > 0;
  const windowSeconds = oldest === undefined ? Infinity : now.through.t - oldest.t;
  const ageMax = Math.min(WRITTEN_SECONDS_MAX, windowSeconds * WRITTEN_WINDOW_PART);
  return isMoved && now.through.t - written.through.t >= ageMax;
}

function streamKeyOf(name: NamespaceName): string {
  return streamKey(toStream(name));
}

function nameOf({ database, collection }: NamespaceName): string {
  return `${database}.${collection}`;
}
