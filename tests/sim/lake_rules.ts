import assert from "node:assert/strict";
import { verifyStream } from "../../src/journal/verify/verify.ts";
import { compareClusterTimes } from "../../src/model/cluster_time.ts";
import { namesObjects } from "../../src/model/record.ts";
import { lostId } from "../../src/model/snapshot.ts";
import { streamKey } from "../../src/model/stream.ts";
import { assertEverything } from "./everything.ts";
import { settingsOf } from "./seen_journal.ts";
import { isOperator, type SimWorld } from "./sim_world.ts";
import type { Simulation } from "./simulation.ts";

/** The streams whose journals do not reach to their last event, without those that a copy refuses to go on with. */
export async function laggards(sim: Simulation, world: SimWorld): Promise<string[]> {
  const streams = await sim.streams(world);
  return streams.filter((stream) => {
    const key = streamKey(stream);
    if (world.refusals.has(key)) return false;
    const journal = world.inspector.journals.get(key);
    const last = journal?.records.at(-1);
    if (journal === undefined || last === undefined) return true;
    const isByNamespace = settingsOf(journal, last).reading === "namespace";
    const event = world.events.ofStream(stream)
      .findLast(({ isInvalidate }) => !(isInvalidate && isByNamespace));
    return event !== undefined && (compareClusterTimes(event.time, last.to.operationTime) > 0 ||
      (event.data > last.to.data && last.to.data !== ""));
  }).map(streamKey);
}

export async function assertCaughtUp(sim: Simulation, world: SimWorld): Promise<void> {
  assert.deepEqual(await laggards(sim, world), [], "streams of a copy do not catch up");
}

/** Asserts that a lake in which nobody is at work is whole. */
export async function assertLake(sim: Simulation, world: SimWorld): Promise<void> {
  const { inspector } = world;
  const running = new Set((await sim.streams(world)).map(streamKey));
  for (const [key, { records }] of inspector.journals) {
    const last = records.at(-1)!;
    // Whoever runs the stream may not have heard yet that a person has moved it.
    if (isOperator(last.owner) || world.refusals.has(key)) continue;
    // What is gone is not begun again once all of it is there, whatever its journal says last.
    if (!running.has(key)) continue;
    const open = records.slice(last.durableThrough + 1).filter(namesObjects);
    assert.equal(open.length, 0, `${key} ends with a batch of which nothing says it is there`);
  }
  if (world.refusals.size > 0) return;
  if (sim.readsAgain) assertLossesAnnounced(world);
  inspector.assertWhole();
  await assertEverything(sim, world);
  await assertVerified(world);
}

/** What is lost is read again: each record that says so was announced, by its number. */
function assertLossesAnnounced({ inspector }: SimWorld): void {
  for (const [key, { stream, records }] of inspector.journals) {
    for (const { kind, seq, owner } of records) {
      // What a person has passed over is not lost.
      if ((kind !== "gap" && kind !== "void") || isOperator(owner)) continue;
      const id = lostId(stream, seq);
      assert(inspector.ranges.intents.has(id), `${kind} ${seq} of ${key} comes without ${id}`);
    }
  }
}

/** The program's own judge sees the holes that the records tell of, those that a copy was born with, and no others. */
export async function assertVerified(world: SimWorld): Promise<void> {
  const inspect = async (key: string) => ({
    rows: new TextDecoder().decode(await world.objects.get(key)).split("\n").length - 1,
  });
  const { journal, lake, objects: destination, clock, inspector } = world;
  for (const [key, { records }] of [...inspector.journals, ...inspector.ranges.ranges]) {
    const { holes } = await verifyStream({
      journal,
      lake,
      destination,
      inspect,
      clock,
      ...(world.replaced === undefined
        ? {}
        : { replaced: (missing) => world.replaced!.look(missing) }),
    }, key);
    const told = records.flatMap((record) =>
      record.kind === "gap"
        ? [record.seq]
        : record.kind === "void"
        ? record.objects.map(() => record.seq)
        : []
    );
    const expected = [...told, ...inspector.lostOf(key)].sort((a, b) => a - b);
    const found = holes.map(({ seq }) => seq).sort((a, b) => a - b);
    assert.deepEqual(found, expected, `verify finds ${JSON.stringify(holes)}`);
  }
}
