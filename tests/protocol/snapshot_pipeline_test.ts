/** A whole pipeline with snapshots, which ends after any of its writes and begins again. */
import assert from "node:assert/strict";
import { MemoryDestination } from "../../src/destination/memory_destination.ts";
import { createObjectJournal } from "../../src/journal/object_journal.ts";
import { createObjectSnapshots } from "../../src/journal/object_snapshots.ts";
import { snapshotKey } from "../../src/model/snapshot.ts";
import { createObjectSink } from "../../src/sink/object_sink.ts";
import { createObjectCoverage } from "../../src/journal/object_coverage.ts";
import { createObjectLayouts } from "../../src/journal/object_layouts.ts";
import { composed } from "../support/composed.ts";
import { LakeWorld, OPTIONS } from "../support/lake_world.ts";
import { MemoryDocuments } from "../support/memory_documents.ts";
import { atCall, Outside } from "../support/outside.ts";

const ID = "collection.shop.orders.initial";
/** The documents have no events. */
const FROM_NOW = { ...OPTIONS, startFrom: { kind: "now" } } as const;
const WRITES_MAX = 100;

interface Scene {
  readonly world: LakeWorld;
  readonly documents: MemoryDocuments;
}

function scene(): Scene {
  const world = new LakeWorld();
  const documents = new MemoryDocuments(world.oplog.operationTime);
  documents.set("orders", Array.from({ length: 9 }, (_, i) => ({ _id: i, value: 0 })));
  world.oplog.advanceTo({ t: documents.now.t, i: documents.now.i });
  return { world, documents };
}

/** Runs a pipeline until the snapshot is complete, or until it ends at the write with this number. */
async function run({ world, documents }: Scene, write = 0): Promise<"complete" | "ended"> {
  const outside = new Outside(world.clock);
  outside.plan = atCall(
    write,
    { kind: "crash", when: "after" },
    ({ method }) => method === "putIfAbsent",
  );
  const lake: MemoryDestination = outside.wrap("destination", world.destination);
  let isComplete = await createObjectSnapshots(world.destination).readEnd(ID) !== undefined;
  const { pipeline, ending } = composed(world, {
    settings: { snapshot: { kind: "initial" }, options: FROM_NOW },
    adapters: {
      ...{ clock: outside.clock, documents, snapshots: createObjectSnapshots(lake) },
      ...{ journal: createObjectJournal(lake), sink: createObjectSink(lake) },
      ...{ layouts: createObjectLayouts(lake), coverage: createObjectCoverage(lake) },
    },
    observer: { snapshot: ({ type }) => void (isComplete ||= type === "complete") },
  });
  const stop = new AbortController();
  let isLooked = false;
  pipeline.look().then(() => isLooked = true);
  await world.clock.until(() => isLooked || outside.isKilled);
  let isOver = false;
  if (!outside.isKilled) pipeline.run(stop.signal).finally(() => isOver = true);
  await world.clock.until(() => isComplete || outside.isKilled);
  if (outside.isKilled) {
    ending.abort();
    return "ended";
  }
  stop.abort();
  await world.clock.until(() => isOver || outside.isKilled);
  ending.abort();
  return "complete";
}

async function rowsOf({ world }: Scene): Promise<number[]> {
  const keys = await world.destination.list("db=", { limit: 1000 });
  const texts = await Promise.all(keys.map(async (key) => {
    return new TextDecoder().decode((await world.destination.get(key))!);
  }));
  return texts.join("").split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line).document_key._id).sort();
}

Deno.test("a pipeline that ends after any of its writes makes one snapshot, with each document once", async () => {
  let writes = 0;
  for (let write = 1; write <= WRITES_MAX; write++) {
    const parts = scene();
    if (await run(parts, write) === "complete") break;
    writes = write;
    const start = await parts.world.destination.get("_tributary/start/collection.shop.orders.json");
    const files = createObjectSnapshots(parts.world.destination);
    const found = await files.find();
    // Once the start is fixed nobody can tell any more that there was something before.
    assert(start === undefined || found.size === 1, `a start without an intent at write ${write}`);
    assert.equal(await run(parts), "complete");
    assert.deepEqual(await rowsOf(parts), [0, 1, 2, 3, 4, 5, 6, 7, 8], `at write ${write}`);
    assert(await files.readEnd(ID) !== undefined);
    assert.equal((await files.find()).size, 1);
  }
  assert(writes >= 9, `only ${writes} writes`);
});

Deno.test("a snapshot that is paused and cancelled is closed without being read, and its pause is over", async () => {
  const { world, documents } = scene();
  const files = createObjectSnapshots(world.destination);
  let isCancelled = false;
  const { pipeline, fleet, ending } = composed(world, {
    settings: { snapshot: { kind: "initial" }, options: FROM_NOW },
    adapters: { documents, snapshots: files },
    observer: { snapshot: ({ type }) => void (isCancelled ||= type === "cancelled") },
  });
  await fleet.orders.pause(snapshotKey(ID));
  await world.clock.finish(pipeline.look());
  const stop = new AbortController();
  const ended = pipeline.run(stop.signal);
  await world.clock.until(() => pipeline.snapshots.some(({ state }) => state === "running"));
  assert.equal(pipeline.snapshots[0]!.isPaused, true);
  await files.putCancel({ v: 1, id: ID, writtenAt: "now" });
  await world.clock.until(() => isCancelled);
  assert.deepEqual([...await fleet.orders.paused()], []);
  assert.equal((await files.readEnd(ID))!.outcome, "cancelled");
  assert.deepEqual(await rowsOf({ world, documents }), []);
  stop.abort();
  await world.clock.finish(ended);
  ending.abort();
});
