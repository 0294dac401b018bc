import assert from "node:assert/strict";
import type { CollectionStream } from "../../../src/model/layout.ts";
import { type Position, positionAfterTime, samePosition } from "../../../src/model/position.ts";
import { type Stream, targetKey } from "../../../src/model/stream.ts";
import { evenOut } from "../../../src/operate/even_out.ts";
import type { Retiring } from "../../../src/operate/retiring.ts";
import { LakeWorld } from "../../support/lake_world.ts";
import { operatorParts } from "../../support/operator_parts.ts";

const ENDS: readonly Position[] = [9, 5, 9].map((t) => positionAfterTime({ t, i: 1 }));

Deno.test("evenOut brings the collection that ended earlier to the place of the last", async () => {
  const parts = operatorParts(new LakeWorld());
  const runs: string[] = [];
  const ended = await evenOut(parts, retired(), async (streams) => {
    const run = streams.map(async (stream) => {
      runs.push(
        stream.level === "collection" ? `${stream.collection}${stream.partition?.epoch}` : "",
      );
      const { partition } = stream as CollectionStream;
      const end = partition === undefined
        ? undefined
        : await parts.layouts.read(targetKey(stream), partition.epoch + 1);
      return { stream, at: end?.barrier ?? ENDS[numberOf(stream)]! };
    });
    return await Promise.all(run);
  });
  assert(ended.every(({ at }) => samePosition(at, ENDS[0]!)));
  assert.deepEqual(runs.slice(3), ["c0undefined", "c12", "c2undefined"]);
  const target = "collection.shop.c1";
  assert.deepEqual(await parts.layouts.read(target, 2), { epoch: 2, of: 1, barrier: ENDS[1] });
  assert.deepEqual(await parts.layouts.read(target, 3), { epoch: 3, of: 0, barrier: ENDS[0] });
  assert.deepEqual(await parts.layouts.readIntent(target, 3), { epoch: 3, of: 0 });
});

Deno.test("evenOut cannot bring a database further, nor what a wider stream goes on with", async () => {
  const world = new LakeWorld();
  const parts = operatorParts(world);
  const databases = ["shop", "store"].map((database) => {
    const stream: Stream = { level: "database", database };
    return { stream, target: targetKey(stream), streams: [stream], intent: { epoch: 1, of: 0 } };
  });
  const ends = await evenOut(
    parts,
    databases,
    (streams) => Promise.resolve(streams.map((stream, i) => ({ stream, at: ENDS[i]! }))),
  );
  assert.deepEqual(ends.map(({ at }) => at), ENDS.slice(0, 2));
  world.insert(1);
  await world.instance({ stream: { level: "database", database: "shop" } }).runToEnd();
  await evenOut(
    parts,
    retired(),
    (streams) =>
      Promise.resolve(streams.map((stream) => ({ stream, at: ENDS[numberOf(stream)]! }))),
  );
  assert.equal(await parts.layouts.read("collection.shop.c1", 2), undefined);
});

function retired(): Retiring[] {
  return ENDS.map((_, i) => {
    const stream: Stream = { level: "collection", database: "shop", collection: `c${i}` };
    return { stream, target: targetKey(stream), streams: [stream], intent: { epoch: 1, of: 0 } };
  });
}

function numberOf(stream: Stream): number {
  return stream.level === "collection" ? Number(stream.collection.slice(1)) : 0;
}
