import assert from "node:assert/strict";
import type { NamespaceFilter } from "../../../../src/model/settings.ts";
import type { Stream } from "../../../../src/model/stream.ts";
import { StreamSetup } from "../../../../src/pipeline/run/stream_setup.ts";
import { superviseStream } from "../../../../src/pipeline/run/supervise_stream.ts";
import { LakeWorld, OPTIONS, SETTINGS } from "../../../support/lake_world.ts";
import { assertExactlyOnce } from "../../../support/lake_oracle.ts";

const SHOP: Stream = { level: "database", database: "shop" };
const ALL: NamespaceFilter = { include: [], exclude: [] };
const NO_ITEMS: NamespaceFilter = { include: [], exclude: ["shop.items"] };

/** A stream that runs and follows a setup. */
function begin() {
  const world = new LakeWorld();
  const one = world.instance({ stream: SHOP });
  const setup = new StreamSetup({ ...SETTINGS, namespaces: NO_ITEMS }, OPTIONS);
  const conditions: string[] = [];
  const supervised = superviseStream(
    () => setup.contextOf(one.context),
    one.lease,
    one.stopping.signal,
    (condition) => conditions.push(condition),
  );
  const stored = () => world.clock.until(() => one.isStored());
  const stop = async () => {
    one.stop();
    await world.clock.finish(supervised.ended);
  };
  return { world, one, setup, conditions, stored, stop };
}

Deno.test("StreamSetup.replace() lets streams begin anew with other settings, as after a restart", async () => {
  const { world, one, setup, conditions, stored, stop } = begin();
  world.insert(1, "items");
  world.insert(6);
  await stored();
  world.insert(3);
  setup.replace({ ...SETTINGS, namespaces: ALL }, OPTIONS);
  await world.clock.until(() => one.eventsOf("settings-changed").length === 1);
  world.insert(5, "items");
  world.insert(2);
  await stored();
  await stop();
  const records = await world.records(SHOP);
  const settings = records.find((record) => record.kind === "settings")!;
  assert.deepEqual(settings.kind === "settings" && settings.changed, ["namespaces"]);
  assert.equal(settings.durableThrough, settings.seq - 1, "all before it was stored");
  for (const { kind, seq, settingsSeq } of records) {
    assert.equal(settingsSeq, seq < settings.seq ? 0 : settings.seq, `${kind} ${seq}`);
  }
  const rows = records.flatMap((each) => each.kind === "batch" ? each.objects : [])
    .reduce(
      (sum, each) => sum.set(each.collection!, (sum.get(each.collection!) ?? 0) + each.rows),
      new Map<string, number>(),
    );
  assert.deepEqual(Object.fromEntries(rows), { orders: 11, items: 5 });
  assert.deepEqual(conditions.slice(-4), ["running", "opening", "running", "stopped"]);
});

Deno.test("StreamSetup.replace() of options alone interrupts nothing and holds from the next batch on", async () => {
  const { world, one, setup, stored, stop } = begin();
  world.insert(8);
  await stored();
  const runs = one.eventsOf("stream-started").length;
  setup.replace({ ...SETTINGS, namespaces: NO_ITEMS }, {
    ...OPTIONS,
    batch: { ...OPTIONS.batch, rowsMax: 2 },
  });
  world.insert(9);
  await stored();
  await stop();
  assert.equal(one.eventsOf("stream-started").length, runs);
  const rows = one.eventsOf("batch-durable").map((batch) => batch.rows);
  // The batch that was open had been given four.
  assert.deepEqual(rows, [4, 4, 4, 2, 2, 1]);
  assert.equal((await world.records(SHOP)).filter(({ kind }) => kind === "settings").length, 0);
});

Deno.test("StreamSetup.replace() is followed at once where a stream waits after a failure", async () => {
  const { world, one, setup, stop } = begin();
  let fails = true;
  one.outside.plan = ({ method }) =>
    fails && method === "describe"
      ? { kind: "error", when: "before", error: new Error("away") }
      : undefined;
  await world.clock.until(() => one.eventsOf("stream-failed").length === 4);
  fails = false;
  const nowMs = world.clock.monotonicMs();
  setup.replace({ ...SETTINGS, namespaces: ALL }, OPTIONS);
  await world.clock.until(() => one.eventsOf("source-opened").length > 0);
  assert.ok(world.clock.monotonicMs() - nowMs < one.eventsOf("stream-failed").at(-1)!.retryMs);
  await stop();
  await assertExactlyOnce(world, { stream: SHOP });
});
