import assert from "node:assert/strict";
import type { JournalRecord } from "../../../src/model/record.ts";
import { fillJournal } from "../../../src/operate/fill_journal.ts";
import { streamKey } from "../../../src/model/stream.ts";
import { assertExactlyOnce } from "../../support/lake_oracle.ts";
import { LakeWorld, ORDERS } from "../../support/lake_world.ts";
import { operatorParts } from "../../support/operator_parts.ts";

const KEY = streamKey(ORDERS);

/** Which records are deleted: the first, several, some in the middle, all settings. */
const LOSSES: readonly (readonly number[])[] = [[0], [0, 1, 2, 3], [2], [3, 4], [0, 2, 4, 5], [
  0,
  1,
  2,
  3,
  4,
  5,
  6,
]];

for (const lost of LOSSES) {
  Deno.test(`fillJournal makes one chain without the records ${lost.join(" ")}`, async () => {
    const world = await filledWorld();
    const before = await world.records();
    await lose(world, lost);
    await refuses(world, lost.includes(0));
    const filled = await fillJournal(operatorParts(world), KEY, undefined);
    assert.deepEqual(filled, { stream: ORDERS, at: before.at(-1)!.to, records: lost.length });
    const after = await world.records();
    assert.equal(after.length, before.length);
    for (const [seq, record] of after.entries()) {
      if (!lost.includes(seq)) assert.deepEqual(record, before[seq]);
    }
    // What stands in the place of objects says that it is a hole.
    const holes = after.filter(({ kind }) => kind === "gap");
    assert(holes.length > 0 || lost.length === 1);
    world.insert(3);
    await world.instance({ settings: { encoderVersion: 2 } }).runToEnd();
    world.insert(3);
    await world.instance().runToEnd();
    assert.equal(await fillJournal(operatorParts(world), KEY, undefined), undefined);
  });
}

Deno.test("fillJournal completes what a crash has left", async () => {
  const world = await filledWorld();
  const lost = [0, 1, 2, 3, 4];
  await lose(world, lost);
  const parts = operatorParts(world);
  let appends = 0;
  const journal = {
    ...parts.journal,
    append: (key: string, record: JournalRecord) => {
      if (++appends > 3) throw new Error("crashed");
      return parts.journal.append(key, record);
    },
  };
  await assert.rejects(fillJournal({ ...parts, journal }, KEY, undefined), /crashed/);
  await refuses(world);
  await fillJournal(parts, KEY, undefined);
  world.insert(3);
  await world.instance().runToEnd();
});

Deno.test("a journal that has lost its end goes on, and nothing is filled in", async () => {
  const world = await filledWorld();
  assert.equal(await fillJournal(operatorParts(world), KEY, undefined), undefined);
  await assertExactlyOnce(world);
  assert.equal(await fillJournal(operatorParts(new LakeWorld()), KEY, undefined), undefined);
});

/** A state store that knows the end helps over a hole, but not to the first record. */
async function refuses(world: LakeWorld, isKnown = false): Promise<void> {
  const { state } = new LakeWorld();
  for (const choice of isKnown ? [{}, { state }] : [{ state }]) {
    await assert.rejects(
      world.clock.finish(world.instance(choice).run()),
      /accept .* with `tributary position adopt collection:shop\.orders`/,
    );
  }
}

async function lose(world: LakeWorld, lost: readonly number[]): Promise<void> {
  await world.lose((key) =>
    lost.some((seq) => key === `_tributary/streams/${KEY}/${String(seq).padStart(16, "0")}.json`)
  );
}

/** A genesis, and batches with settings between them. */
async function filledWorld(): Promise<LakeWorld> {
  const world = new LakeWorld();
  for (const encoderVersion of [1, 2, 1]) {
    world.insert(6);
    await world.instance({ settings: { encoderVersion } }).runToEnd();
    world.pass(5);
  }
  return world;
}
