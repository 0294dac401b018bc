import assert from "node:assert/strict";
import { positionAt } from "../../../src/model/position.ts";
import { readPositions } from "../../../src/operate/position_report.ts";
import { createObjectSink } from "../../../src/sink/object_sink.ts";
import { LakeWorld } from "../../support/lake_world.ts";

Deno.test("readPositions tells where each stream stands, and who wrote its last record", async () => {
  const world = new LakeWorld();
  world.insert(3);
  await world.instance().runToEnd();
  const { seq, kind, durableThrough, owner, writtenAt, to } = (await world.records()).at(-1)!;
  assert.deepEqual(await readPositions(world.journal, createObjectSink(world.destination)), [{
    stream: "collection:shop.orders",
    key: "collection.shop.orders",
    state: "open",
    position: to,
    record: { seq, kind, durableThrough, storedThrough: seq, owner, writtenAt },
  }]);
  const journal = {
    ...world.journal,
    read: (key: string, seq: number) =>
      seq === 0 ? Promise.resolve(undefined) : world.journal.read(key, seq),
  };
  assert.deepEqual(
    await readPositions(journal, createObjectSink(world.destination), "shop.orders"),
    [
      { stream: "collection:shop.orders", key: "collection.shop.orders", state: "lost" },
    ],
  );
});

Deno.test("readPositions tells of ends, and of a start that is fixed", async () => {
  const world = new LakeWorld();
  world.insert(3);
  await world.instance().runToEnd();
  const last = (await world.records()).at(-1)!;
  await world.journal.append("collection.shop.orders", {
    ...last,
    kind: "closed",
    seq: last.seq + 1,
    id: "closed",
    from: last.to,
    reason: "retired",
  });
  assert.equal(
    (await readPositions(world.journal, createObjectSink(world.destination), "shop.orders"))[0]!
      .state,
    "closed",
  );
  assert.deepEqual(
    await readPositions(world.journal, createObjectSink(world.destination), "database:shop"),
    [],
  );
  const position = positionAt({ t: 5, i: 1 });
  await world.journal.putStart("database.shop", position);
  assert.deepEqual(
    await readPositions(world.journal, createObjectSink(world.destination), "database:shop"),
    [
      { stream: "database:shop", key: "database.shop", state: "fixed", position },
    ],
  );
  assert.deepEqual(
    await readPositions(world.journal, createObjectSink(world.destination), "nonsense"),
    [],
  );
});
