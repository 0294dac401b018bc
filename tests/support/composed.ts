import {
  type Adapters,
  compose,
  type Pipeline,
  type PipelineSettings,
} from "../../src/app/compose.ts";
import type { PipelineObserver } from "../../src/app/pipeline_observer.ts";
import { openFleet } from "../../src/coordinate/open_fleet.ts";
import { createInlineEncoder } from "../../src/encode/inline_encoder.ts";
import { createObjectCoverage } from "../../src/journal/object_coverage.ts";
import { createObjectLayouts } from "../../src/journal/object_layouts.ts";
import { createMemorySource } from "../../src/source/memory/memory_source.ts";
import { type LakeWorld, OPTIONS, ORDERS, SETTINGS } from "./lake_world.ts";
import type { CollectionStream } from "../../src/model/layout.ts";
import { createMemoryNamespaces } from "./memory_namespaces.ts";
import { createObjectSink } from "../../src/sink/object_sink.ts";

/** What differs from the usual in a pipeline of one instance. */
export interface ComposedChoice {
  readonly settings?: Partial<PipelineSettings>;
  readonly adapters?: Partial<Adapters>;
  readonly observer?: Partial<PipelineObserver>;
}

export interface Composed {
  readonly pipeline: Pipeline;
  readonly fleet: Adapters["fleet"];
  readonly settings: PipelineSettings;
  /** Ends everything at once. */
  readonly ending: AbortController;
  /** What was observed, as `key event` or the kind of what else happened. */
  readonly told: string[];
}

/** A whole pipeline over a world of variables, which streams `shop.orders` where nothing else is said. */
export function composed(world: LakeWorld, choice: ComposedChoice = {}): Composed {
  const { clock, destination, journal, oplog, random, state } = world;
  const ending = new AbortController();
  const told: string[] = [];
  const fleet = openFleet({ kind: "memory" }, clock, random);
  const adapters: Adapters = {
    ...{ clock, fleet, journal, random, state },
    source: createMemorySource({ oplog, clock }),
    namespaces: createMemoryNamespaces(oplog, clock),
    sink: createObjectSink(destination),
    layouts: createObjectLayouts(destination),
    coverage: createObjectCoverage(destination),
    encoder: createInlineEncoder(clock),
    ...choice.adapters,
  };
  const settings: PipelineSettings = {
    ...{ settings: SETTINGS, options: OPTIONS, partitions: 1, whole: [] },
    collections: { named: [ORDERS as CollectionStream] },
    self: { owner: "host-1-a", instance: "host-1", version: "1" },
    snapshot: { kind: "off" },
    limits: {
      ...{ memoryBudgetBytes: 64 << 20, openingsMax: 8, redosMax: 8 },
      recordFormat: "auto",
    },
    timing: { ttlMs: 9000, refreshMs: 3000, retryMs: 2000, lookMs: 30_000, newsMs: 1000 },
    ...choice.settings,
  };
  const observer: PipelineObserver = {
    stream: ({ key }, { type }) => void told.push(`${key} ${type}`),
    coordinate: () => {},
    coverage: ({ type }) => void told.push(`coverage ${type}`),
    layoutDiffers: (_, of) => void told.push(`layout ${of}`),
    lookFailed: () => void told.push("look failed"),
    snapshotLookFailed: () => void told.push("look failed"),
    ...choice.observer,
  };
  const pipeline = compose(adapters, settings, observer, ending.signal);
  return { pipeline, fleet, settings, ending, told };
}
