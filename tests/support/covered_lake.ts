import { createObjectCoverage } from "../../src/journal/object_coverage.ts";
import { createObjectLayouts } from "../../src/journal/object_layouts.ts";
import type { CollectionStream } from "../../src/model/layout.ts";
import { type Position, positionAfterTime } from "../../src/model/position.ts";
import type { NamespaceFilter } from "../../src/model/settings.ts";
import { LayoutNews } from "../../src/pipeline/layout/layout_watch.ts";
import {
  type CoverageEvent,
  SelectionCoverage,
} from "../../src/pipeline/collections/selection_coverage.ts";
import type { NamespaceSource } from "../../src/pipeline/namespaces.ts";
import type { Journal, LakeStore } from "../../src/pipeline/ports.ts";
import type { LakeWorld } from "./lake_world.ts";
import { createMemoryNamespaces } from "./memory_namespaces.ts";
import { createObjectSink } from "../../src/sink/object_sink.ts";

export const NEVER: AbortSignal = new AbortController().signal;

export interface CoverChoice {
  readonly journal?: Journal;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly source?: Partial<NamespaceSource>;
  readonly destination?: LakeStore;
  readonly start?: () => Position;
  readonly onHistoryLost?: "fail" | "restart";
  readonly isNew?: (collection: CollectionStream) => Promise<void>;
}

/** The coverage of a selection in one copy of the program, and what it has said. */
export function cover(world: LakeWorld, choice: CoverChoice = {}) {
  const { clock, random, oplog } = world;
  const { include = ["shop.*"], exclude = [], destination = world.destination } = choice;
  const filter: NamespaceFilter = { include, exclude };
  const layouts = createObjectLayouts(destination);
  const events: CoverageEvent[] = [];
  const state = { changes: 0 };
  const start = choice.start ?? (() => positionAfterTime(oplog.operationTime));
  const coverage = new SelectionCoverage({
    sink: createObjectSink(destination),
    ...{ filter, layouts, clock, random, journal: choice.journal ?? world.journal },
    layoutNews: new LayoutNews(layouts, clock),
    log: createObjectCoverage(destination),
    source: { ...createMemoryNamespaces(oplog, clock), ...choice.source },
    startPosition: () => Promise.resolve(start()),
    onHistoryLost: () => choice.onHistoryLost ?? "fail",
    isNew: async (collection) => await choice.isNew?.(collection),
    changed: () => state.changes++,
    observe: (event) => events.push(event),
  });
  return {
    coverage,
    events,
    state,
    /** The names of the collections that are to run, as of now. */
    async look(): Promise<string[]> {
      const streams = await clock.finish(coverage.look(NEVER));
      await clock.settle();
      return streams.map(({ collection }) => collection).sort();
    },
    /** Time passes, and the server writes its no-op entries. */
    async pass(seconds: number): Promise<void> {
      world.pass(seconds);
      await clock.advance(seconds * 1000);
    },
    close: () => clock.finish(coverage.close()),
  };
}

export function shop(collection: string): CollectionStream {
  return { level: "collection", database: "shop", collection };
}

/** The collection is dropped. */
export function dropIn(world: LakeWorld, collection: string): void {
  world.oplog.append({ operation: "drop", database: "shop", collection });
}

/** Runs one stream to the end of the oplog. */
export async function runStreamOf(world: LakeWorld, collection: string): Promise<void> {
  await world.instance({ stream: shop(collection) }).runToEnd();
}
