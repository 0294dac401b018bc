/**
 * A pipeline out of its parts: which streams there are, which of them run here and how they are set, and what makes anybody
 * look again. The program, the library and the simulation run the same one; they differ in the adapters they bring.
 */
import { coordinate, type CoordinateOutcome } from "../coordinate/coordinator.ts";
import type { Fleet } from "../coordinate/fleet.ts";
import { Rivals } from "../coordinate/rivals.ts";
import type { Self, Timing } from "../coordinate/self.ts";
import { selectionOf } from "../model/selection.ts";
import type { StreamSettings } from "../model/settings.ts";
import { type RangeToRun, snapshotKey } from "../model/snapshot.ts";
import type { SnapshotWish } from "../model/snapshot_wish.ts";
import type { Stream } from "../model/stream.ts";
import type { IsNew } from "../pipeline/layout/target_start.ts";
import { keepRefreshing } from "../pipeline/run/keep_refreshing.ts";
import { LesserBudget } from "../pipeline/read/lesser_budget.ts";
import { cameLater } from "../pipeline/collections/came_later.ts";
import { Heirs } from "../pipeline/collections/heirs.ts";
import { SelectionCoverage } from "../pipeline/collections/selection_coverage.ts";
import type { Encoder, LossBook } from "../pipeline/ports.ts";
import { resolveFirstStart, resolveStart } from "../pipeline/recover/start_position.ts";
import { StreamCatalog } from "../pipeline/run/stream_catalog.ts";
import { announceSnapshots } from "../pipeline/snapshot/announce.ts";
import { isNothingThere } from "../pipeline/snapshot/began_empty.ts";
import { RANGE_DOCUMENTS_MAX, RANGES_MAX } from "../pipeline/snapshot/plan_snapshot.ts";
import { type KnownSnapshot, SnapshotCatalog } from "../pipeline/snapshot/snapshot_catalog.ts";
import type { SnapshotAnnouncer } from "../pipeline/snapshots.ts";
import { pacedDocuments } from "../pipeline/snapshot/paced_documents.ts";
import type { StreamOptions } from "../pipeline/stream_context.ts";
import { StreamSetup } from "../pipeline/run/stream_setup.ts";
import {
  type CollectionChoice,
  WantedCollections,
} from "../pipeline/collections/wanted_collections.ts";
import type { GroupSource } from "../source/shared/group_source.ts";
import { createSharedSource, type SharedSource } from "../source/shared/shared_source.ts";
import { shareRuns } from "../support/flow/coalesce_calls.ts";
import { gatherCalls } from "../support/flow/gather_calls.ts";
import type { PipelineObserver } from "./pipeline_observer.ts";
import { KeysToRun } from "./keys_to_run.ts";
import { followOrders, type PausedStreams, type RunningStreams } from "./stream_orders.ts";
import {
  type StreamAdapters,
  type StreamLimits,
  type StreamParts,
  streamParts,
} from "./stream_parts.ts";
import { type StarterOptions, streamStarter } from "./stream_starter.ts";

/** Everything outside of a pipeline. */
export interface Adapters extends StreamAdapters {
  /** Can read many collections by one change stream. */
  readonly source: GroupSource;
  readonly encoder: Encoder;
  readonly fleet: Omit<Fleet, "news">;
  /** Whether what fails streams here now fails them at all other instances, too. Left out where nobody watches. */
  readonly isFaultShared?: () => boolean;
  /** Left out where nobody wants to know what is lost. */
  readonly losses?: LossBook;
}

/** What may be replaced while streams run. */
export interface StreamChoice {
  readonly collections: CollectionChoice;
  readonly settings: StreamSettings;
  readonly options: StreamOptions;
}

export interface PipelineSettings extends StreamChoice {
  readonly self: Self;
  /** Streams of databases and deployments. */
  readonly whole: readonly Stream[];
  /** Into how many streams a collection is divided that was never streamed. */
  readonly partitions: number;
  readonly snapshot: SnapshotWish;
  /** Collections with more documents are read in several ranges of a snapshot. Default: four million. */
  readonly rangeDocumentsMax?: number;
  readonly snapshotLimits?: SnapshotLimits;
  readonly limits: StreamLimits;
  readonly timing: PipelineTiming;
}

/** Of all copies together. */
export interface SnapshotLimits {
  /** Read at once. */
  readonly rangesMax: number;
  /** Absent: as many as there are. */
  readonly documentsPerSecondMax?: number;
}

export interface PipelineTiming extends Timing {
  /** How soon a new collection or layout is noticed at the latest. */
  readonly lookMs: number;
  /** So long news of collections are gathered before they are looked for: where many come and go, each look costs requests. */
  readonly newsMs: number;
}

/** A pipeline that may run. */
export interface Pipeline {
  /** What its streams share; other work in the lake can go on beside them. */
  readonly parts: StreamParts;
  /** By which change streams they are read. */
  readonly reading: Pick<SharedSource, "readers" | "unshared" | "waiting">;
  /** The streams that are to run, by key, as of the last look. */
  readonly streams: ReadonlyMap<string, Stream>;
  /** Snapshots that are not complete, and those that became so here, as of the last look. */
  readonly snapshots: readonly KnownSnapshot[];
  readonly running: RunningStreams;
  readonly pauses: PausedStreams;
  /** Looks for streams for the first time. Rejects where the servers do not answer. */
  look(): Promise<void>;
  /** Puts other settings in force: streams that they change store what they have read and begin anew. */
  replace(choice: StreamChoice): void;
  /** Runs this instance's share of the streams until `stop`; once. `address`: where people can ask it. */
  run(stop: AbortSignal, address?: string): Promise<CoordinateOutcome>;
  close(): Promise<void>;
}

const NO_RANGES: ReadonlyMap<string, RangeToRun> = new Map();

/** Composes a pipeline, which does nothing yet. `ending` ends whatever is under way. */
export function compose(
  adapters: Adapters,
  settings: PipelineSettings,
  observer: PipelineObserver,
  ending: AbortSignal,
): Pipeline {
  return new ComposedPipeline(adapters, settings, observer, ending);
}

class ComposedPipeline implements Pipeline {
  readonly parts: StreamParts;
  readonly reading: SharedSource;
  readonly running: RunningStreams = new Map();
  readonly pauses: PausedStreams = {
    ...{ names: new Map(), sinceMs: new Map() },
    changed: () => this.#changed(),
  };
  readonly #adapters: Adapters;
  readonly #settings: PipelineSettings;
  readonly #observer: PipelineObserver;
  readonly #ending: AbortSignal;
  readonly #setup: StreamSetup;
  readonly #wanted: WantedCollections;
  readonly #catalog: StreamCatalog;
  readonly #rivals: Rivals;
  readonly #snapshots: SnapshotCatalog | undefined;
  readonly #announcer: SnapshotAnnouncer | undefined;
  /** Collections have begun or ended, or snapshots are due. */
  readonly #newsHaveCome: () => void;
  readonly #keys = new KeysToRun({
    streams: () => this.streams,
    ranges: () => this.#snapshots?.ranges ?? NO_RANGES,
    paused: this.pauses.names,
  });
  readonly #listeners: (() => void)[] = [];
  /** News come faster than looks end; whoever asks meanwhile shares the next look. */
  readonly #refresh = shareRuns(() => this.#lookAgain());
  #collections: CollectionChoice;
  #hasFollowed = false;

  constructor(
    adapters: Adapters,
    settings: PipelineSettings,
    observer: PipelineObserver,
    ending: AbortSignal,
  ) {
    this.#adapters = adapters;
    this.#settings = settings;
    this.#observer = observer;
    this.#ending = ending;
    const parts = streamParts(adapters, settings.limits);
    this.reading = createSharedSource(adapters.source, {
      ...{ room: parts.budget, clock: adapters.clock },
      observe: (event) => observer.reading?.(event),
    });
    this.parts = { ...parts, source: this.reading };
    const { newsMs } = settings.timing;
    this.#newsHaveCome = gatherCalls(adapters.clock, newsMs, ending, () => this.#lookSoon());
    this.#collections = settings.collections;
    this.#setup = new StreamSetup(settings.settings, settings.options);
    this.#wanted = this.#wantedCollections();
    this.#catalog = this.#streamCatalog();
    this.#snapshots = this.#snapshotCatalog();
    this.#announcer = this.#snapshotAnnouncer();
    this.#rivals = new Rivals({
      ...{ members: adapters.fleet.members, owner: settings.self.owner, clock: adapters.clock },
      selection: selectionOf(settings.settings),
      paused: () => [...this.pauses.names.keys()].filter((key) => this.streams.has(key)),
    });
  }

  get streams(): ReadonlyMap<string, Stream> {
    return this.#catalog.streams;
  }

  get snapshots(): readonly KnownSnapshot[] {
    const states = this.#snapshots?.states ?? [];
    return states.map((each) => ({ ...each, isPaused: this.#keys.isPaused(each) }));
  }

  async look(): Promise<void> {
    await this.#catalog.refresh();
  }

  replace({ collections, settings, options }: StreamChoice): void {
    // Before the streams themselves follow: they ask.
    this.#rivals.select(selectionOf(settings));
    this.#collections = collections;
    this.#setup.replace(settings, options);
    this.#lookSoon();
  }

  async run(stop: AbortSignal, address?: string): Promise<CoordinateOutcome> {
    const { fleet, clock, random, isFaultShared } = this.#adapters;
    const { self, timing } = this.#settings;
    const ending = AbortSignal.any([stop, this.#ending]);
    const failed = (error: unknown) => this.#observer.lookFailed(error);
    // Snapshots that are due were not looked for yet.
    if (this.#snapshots !== undefined) this.#lookSoon();
    void keepRefreshing(this.#refresh, timing.lookMs, clock, ending, failed);
    return await coordinate({
      ...{ fleet, clock, random, timing, rivals: this.#rivals },
      self: { ...self, ...(address === undefined ? {} : { address }) },
      start: streamStarter({
        ...{ running: this.running, setup: this.#setup, rivals: this.#rivals },
        parts: {
          ...{ ...this.parts, ...streamTools(this.#adapters) },
          ...(this.#announcer === undefined ? {} : { snapshots: this.#announcer }),
        },
        ranges: this.#rangeTools(),
        // Now the documents that were there before can be looked for.
        begun: () => {
          if (this.#snapshots?.isExpecting) this.#newsHaveCome();
        },
        streamOf: (key) => this.streams.get(key)!,
        observer: this.#observer,
        silentMsMax: timing.ttlMs,
        lookAgain: () => this.#lookSoon(),
      }),
      streams: () => this.#keys.now(),
      refresh: () => this.#followOrders(),
      onStreamsChanged: (listener) => this.#listeners.push(listener),
      onUnknownStreams: () => this.#lookSoon(),
      onRecovered: (listener) => this.#adapters.recovery?.onRing(listener),
      ...(isFaultShared === undefined ? {} : { isFaultShared }),
      onMembers: (members) => this.parts.recordFormat.noteMembers(members),
      observe: (event) => this.#observer.coordinate(event),
    }, stop);
  }

  async close(): Promise<void> {
    await this.#wanted.close();
  }

  async #followOrders(): Promise<void> {
    const { fleet, clock } = this.#adapters;
    const { running, pauses } = this;
    const noted = (notes: ReadonlySet<string>) => {
      if (this.#snapshots?.hear(notes)) this.#lookSoon();
    };
    await followOrders({ fleet, running, pauses, noted, clock, isFirst: !this.#hasFollowed });
    this.#hasFollowed = true;
  }

  async #lookAgain(): Promise<void> {
    await this.#catalog.refresh();
    this.#changed();
    // Streams go on where it is not known what else there is to read.
    try {
      await this.#snapshots?.refresh(this.#ending);
      if (this.#snapshots?.hasMore) this.#newsHaveCome();
    } catch (error) {
      if (!this.#ending.aborted) this.#observer.snapshotLookFailed?.(error);
    }
    this.#changed();
  }

  #snapshotAnnouncer(): SnapshotAnnouncer | undefined {
    const { snapshots: files, documents, journal, clock } = this.#adapters;
    if (files === undefined) return undefined;
    return announceSnapshots({
      ...{ files, journal, clock, wish: this.#settings.snapshot },
      ...(documents === undefined ? {} : {
        isNothingThere: (stream, start) =>
          isNothingThere(documents, stream, start, clock, this.#ending),
      }),
      cameLater: (target) => cameLater(journal, this.#wanted.start, target),
      announced: (intent) => {
        this.#snapshots?.announced(intent);
        this.#newsHaveCome();
      },
      withheld: (why) => this.#observer.snapshot?.({ type: "withheld", why }),
    });
  }

  /** Of a target whose start nobody fixes but the catalog. */
  async #announce(stream: Stream, ...[start, followed]: Parameters<IsNew>): Promise<void> {
    const describe = () => this.reading.describe(this.#ending);
    await this.#announcer?.initial(stream, start, describe, followed);
  }

  #rangeTools(): StarterOptions["ranges"] {
    const { documents: source, clock } = this.#adapters;
    if (source === undefined) return undefined;
    const { documentsPerSecondMax: most } = this.#settings.snapshotLimits ?? {};
    const share = () => most! / Math.max(1, this.#keys.rangesToRead().length);
    const documents = most === undefined ? source : pacedDocuments(source, share, clock);
    return {
      ...{ documents, budget: new LesserBudget(this.parts.budget) },
      rangeOf: (key) => this.#snapshots?.ranges.get(key),
      closed: (key) => {
        // Those that wait go on at once; the look, which notes what is complete, is one for many.
        this.#snapshots?.closed(key);
        this.#changed();
        this.#newsHaveCome();
      },
    };
  }

  #snapshotCatalog(): SnapshotCatalog | undefined {
    const { snapshots: files, documents, journal, layouts, clock } = this.#adapters;
    if (files === undefined || documents === undefined) return undefined;
    const { kind: wish } = this.#settings.snapshot;
    const heirs = new Heirs({
      ...{ journal, layouts, streams: () => this.streams.values() },
      collections: () => this.#collections,
      namespaces: () => this.#setup.settings.namespaces,
    });
    return new SnapshotCatalog({
      ...{ files, documents, journal, clock },
      rangesMax: this.#settings.snapshotLimits?.rangesMax ?? RANGES_MAX,
      rangeDocumentsMax: this.#settings.rangeDocumentsMax ?? RANGE_DOCUMENTS_MAX,
      streamsOf: (target) => heirs.streamsOf(target),
      settings: () => this.#setup.settings,
      isWanted: () => wish !== "off" || this.#setup.options.onHistoryLost === "snapshot",
      isOurs: (stream) => heirs.isOurs(stream),
      hasPartOf: (stream) => heirs.hasPartOf(stream),
      followedBy: (stream) => heirs.followedBy(stream),
      observe: (event) => {
        if ("documentsRead" in event) this.#forgetPause(snapshotKey(event.plan.id));
        this.#observer.snapshot?.(event);
      },
    });
  }

  /** What is over waits for nobody. */
  #forgetPause(key: string): void {
    if (!this.pauses.names.has(key)) return;
    this.#adapters.fleet.orders.resume(key).catch((error) => this.#observer.lookFailed(error));
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #lookSoon(): void {
    void this.#refresh().catch((error: unknown) => this.#observer.lookFailed(error));
  }

  #streamCatalog(): StreamCatalog {
    const { source, journal, layouts } = this.#adapters;
    const { whole, partitions } = this.#settings;
    return new StreamCatalog({
      ...{ journal, layouts, layoutNews: this.parts.layoutNews, whole, partitions },
      collections: () => this.#wanted.look(this.#ending),
      resolveStart: (stream) => {
        const { settings, options } = this.#setup;
        return resolveStart({ source, stream, settings, options }, this.#ending);
      },
      isNew: (stream, ...facts) => this.#announce(stream, ...facts),
      differs: (collection, of) => this.#observer.layoutDiffers(collection, of),
    });
  }

  #wantedCollections(): WantedCollections {
    const { source, sink, journal, layouts, clock, random } = this.#adapters;
    const { coverage, layoutNews } = this.parts;
    return new WantedCollections(
      () => this.#collections,
      (filter) =>
        new SelectionCoverage({
          ...{ filter, sink, journal, layouts, layoutNews, clock, random, ...coverage },
          startPosition: () =>
            resolveFirstStart({ source }, this.#setup.options.startFrom, this.#ending),
          isNew: (stream, ...facts) => this.#announce(stream, ...facts),
          onHistoryLost: () => this.#setup.options.onHistoryLost,
          changed: () => this.#newsHaveCome(),
          observe: (event) => this.#observer.coverage(event),
        }),
    );
  }
}

function streamTools({ encoder, losses }: Adapters): Pick<Adapters, "encoder" | "losses"> {
  return losses === undefined ? { encoder } : { encoder, losses };
}
