import assert from "node:assert/strict";
import { verifyLake } from "../../../src/journal/verify_lake.ts";
import { type Stream, streamKey } from "../../../src/model/stream.ts";
import { LakeWorld } from "../../support/lake_world.ts";

const COLLECTIONS = ["orders", "items", "customers"];

Deno.test("verifyLake verifies every stream and tells of them in the order of their keys", async () => {
  const { world, keys } = await filledLake();
  const told: string[] = [];
  const report = await verifyLake(optionsOf(world), undefined, ({ stream }) => told.push(stream));
  assert.deepEqual(told, [...keys].sort());
  assert.deepEqual(report.streams.map(({ stream }) => stream), told);
  assert.deepEqual(report.streams.map(({ rows }) => rows), [5, 5, 5]);
});

Deno.test("verifyLake verifies the stream that is asked for, and counts the others", async () => {
  const { world, keys } = await filledLake();
  const { streams, streamsInLake } = await verifyLake(optionsOf(world), "shop.items", () => {});
  assert.deepEqual(streams.map(({ stream }) => stream), [keys[1]]);
  assert.equal(streamsInLake, 3);
  const none = await verifyLake(optionsOf(world), "shop.nothing", () => {});
  assert.deepEqual(none, { streams: [], streamsInLake: 3 });
});

function optionsOf({ journal, destination, clock }: LakeWorld) {
  const countRows = async (key: string) =>
    new TextDecoder().decode(await destination.get(key)).split("\n").length - 1;
  return { journal, destination, clock, countRows };
}

async function filledLake() {
  const world = new LakeWorld();
  const streams = COLLECTIONS.map((collection): Stream => {
    world.insert(5, collection);
    return { level: "collection", database: "shop", collection };
  });
  for (const stream of streams) await world.instance({ stream }).runToEnd();
  return { world, keys: streams.map(streamKey) };
}
