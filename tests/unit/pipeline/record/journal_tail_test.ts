import assert from "node:assert/strict";
import { positionAt } from "../../../../src/model/position.ts";
import type { GenesisRecord, SettingsRecord } from "../../../../src/model/record.ts";
import { JournalTail, newRecordBase } from "../../../../src/pipeline/record/journal_tail.ts";
import { LakeWorld, ORDERS, SETTINGS } from "../../../support/lake_world.ts";
import { ManualLease } from "../../../support/manual_lease.ts";

const at = (t: number) => positionAt({ t, i: 1 });

Deno.test("JournalTail.next goes on where the last record ends, with an id of its own", () => {
  const tail = tailOf();
  const first = tail.next({ kind: "heartbeat", to: at(20) });
  const again = tail.next({ kind: "heartbeat", to: at(20) });
  assert.deepEqual([first.seq, first.from, first.to], [1, at(10), at(20)]);
  assert.deepEqual([first.owner, first.generation, first.settingsSeq], ["instance-1", 1, 0]);
  assert.notEqual(first.id, again.id);
  tail.appended(first, true);
  const second = tail.next({ kind: "heartbeat", to: at(30) });
  assert.deepEqual([second.seq, second.from], [2, at(20)]);
  assert.deepEqual([tail.seqNext, tail.position, tail.last], [2, at(20), first]);
});

Deno.test("JournalTail.durableThrough is the end of the contiguous run", () => {
  const tail = tailOf();
  const through: number[] = [];
  for (let seq = 1; seq <= 4; seq++) {
    tail.appended(
      tail.next({ kind: "batch", to: at(10 + seq), objects: [], deadLetters: [] }),
      false,
    );
    through.push(tail.durableThrough);
  }
  assert.deepEqual(through, [0, 0, 0, 0]);
  assert.equal(tail.notDurableCount, 4);
  for (const [seq, expected] of [[3, 0], [1, 1], [2, 3], [4, 4]] as const) {
    tail.markDurable(seq);
    assert.equal(tail.durableThrough, expected);
  }
  assert.equal(tail.notDurableCount, 0);
});

Deno.test("JournalTail takes over the settings of a settings record, which names itself", () => {
  const tail = tailOf();
  const settings = { ...SETTINGS, encoderVersion: 2 };
  const source = { setName: "other" };
  const content = { kind: "settings", to: at(10), source, settings, changed: [] } as const;
  const record = tail.next(content) as SettingsRecord;
  assert.equal(record.settingsSeq, 1);
  assert.equal(tail.facts.settingsSeq, 0);
  tail.appended(record, true);
  assert.deepEqual(tail.facts, { lake: "0a1b2c3d", source, settings, settingsSeq: 1 });
  assert.equal(tail.next({ kind: "heartbeat", to: at(11) }).settingsSeq, 1);
});

function tailOf(): JournalTail {
  const { context, lease } = new LakeWorld().instance();
  const place = {
    v: 1 as const,
    seq: 0,
    from: at(10),
    to: at(10),
    settingsSeq: 0,
    durableThrough: 0,
  };
  const facts = { lake: "0a1b2c3d", source: {}, settings: SETTINGS };
  const genesis: GenesisRecord = {
    ...newRecordBase(context, lease, place),
    kind: "genesis",
    stream: ORDERS,
    ...facts,
  };
  return new JournalTail(context, lease, genesis, { ...facts, settingsSeq: 0 });
}

Deno.test("JournalTail goes on with a greater generation than any other writer's, whatever the lease says", async () => {
  const world = new LakeWorld();
  world.insert(3);
  await world.instance({ lease: new ManualLease("first", 7) }).runToEnd();
  world.insert(3);
  await world.instance({ lease: new ManualLease("second", 1) }).runToEnd();
  world.insert(3);
  await world.instance({ lease: new ManualLease("second", 1) }).runToEnd();
  const records = await world.records();
  const generations = (owner: string) => {
    return new Set(records.filter((r) => r.owner === owner).map((r) => r.generation));
  };
  assert.deepEqual([...generations("first")], [7]);
  assert.deepEqual([...generations("second")], [8]);
});
