import assert from "node:assert/strict";
import { BSON } from "mongodb";
import { MemoryOplog } from "../../../src/source/memory_oplog.ts";
import { appendSyntheticChanges } from "../../../src/source/synthetic_changes.ts";

const OPTIONS = {
  seed: 7,
  changes: 500,
  database: "shop",
  collections: ["orders", "returns"],
  documentBytes: 700,
  changesPerSecond: 100,
};

function fill(overrides: Partial<typeof OPTIONS> = {}): BSON.Document[] {
  const oplog = new MemoryOplog({ t: 1000, i: 1 });
  appendSyntheticChanges(oplog, { ...OPTIONS, ...overrides });
  return oplog.entries.map((entry) => BSON.deserialize(entry.event));
}

Deno.test("appendSyntheticChanges gives the same events for a seed, others for another", () => {
  assert.deepEqual(fill(), fill());
  assert.notDeepEqual(fill(), fill({ seed: 8 }));
});

Deno.test("appendSyntheticChanges mixes operations over the collections and seconds", () => {
  const events = fill();
  assert.equal(events.length, 500);
  const kinds = new Set(events.map((event) => `${event["operationType"]} ${event["ns"].coll}`));
  for (const kind of ["insert", "update", "delete"]) {
    for (const collection of OPTIONS.collections) assert.ok(kinds.has(`${kind} ${collection}`));
  }
  assert.equal(events.at(-1)!["clusterTime"].t, 1004);
});

Deno.test("appendSyntheticChanges makes documents of about the size that is wanted", () => {
  const bytes = fill().filter((event) => event["operationType"] === "insert")
    .map((event) => BSON.calculateObjectSize(event["fullDocument"]));
  for (const size of bytes) assert.ok(Math.abs(size - 700) < 100, String(size));
});
