import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { encodeRecord } from "../../../src/journal/codec/record_codec.ts";
import {
  extendTip,
  isTipDue,
  lastTip,
  readTip,
  type Tip,
  tipDifferences,
  writeTip,
} from "../../../src/journal/tips.ts";
import type { JournalRecord } from "../../../src/model/record.ts";
import { genesis, heartbeat } from "../../contract/journal_contract.ts";
import { mapStore } from "../../contract/journal_map_store.ts";

const batch: JournalRecord = {
  ...heartbeat(1),
  kind: "batch",
  objects: [
    { key: "a", database: "d", collection: "c", bucket: "", rows: 5, bytes: 50 },
    { key: "b", database: "d", collection: "c", bucket: "", rows: 7, bytes: 70 },
  ],
  deadLetters: [{
    key: "x",
    bytes: 9,
    events: [{ data: "82", reason: "r" }, { data: "83", reason: "r" }],
  }],
};

Deno.test("extendTip counts each kind of record", () => {
  const records: JournalRecord[] = [
    genesis("g"),
    batch,
    { ...heartbeat(2), kind: "gap", reason: "lost" },
    { ...heartbeat(3), kind: "void", objects: [{ seq: 1, key: "a", rows: 5 }], reason: "r" },
    { ...batch, seq: 4 },
    heartbeat(5),
  ];
  const { hash: _, ...counts } = chain(records);
  assert.deepEqual(counts, {
    v: 1,
    seq: 5,
    events: 24,
    objects: 4,
    bytes: 240,
    deadLetters: 4,
    gaps: 1,
    voids: 1,
  });
});

Deno.test("extendTip chains the hash over the records' bytes", () => {
  const sha = (...parts: (string | Uint8Array)[]) => {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return hash.digest("hex");
  };
  const first = sha(encodeRecord(genesis("g")));
  assert.equal(chain([genesis("g")]).hash, first);
  assert.equal(chain([genesis("g"), batch]).hash, sha(first, encodeRecord(batch)));
});

Deno.test("extendTip chains what lies in the lake, also fields that only a later version knows", () => {
  const first = chain([genesis("g")]);
  const bytes = new TextEncoder().encode('{"v": 2, "later": true}');
  const known = extendTip(first, batch);
  const found = extendTip(first, batch, bytes);
  assert.deepEqual(tipDifferences(known, found), ["hash"]);
  const hash = createHash("sha256").update(first.hash).update(bytes).digest("hex");
  assert.equal(found.hash, hash);
});

Deno.test("extendTip tells any change of any record before it", () => {
  const length = 6;
  const records = (changed: number) =>
    Array.from({ length }, (_, seq): JournalRecord => {
      const record = seq === 0 ? genesis("g") : heartbeat(seq);
      return seq === changed ? { ...record, owner: "stranger" } : record;
    });
  fc.assert(fc.property(fc.nat({ max: length - 1 }), (changed) => {
    assert.deepEqual(tipDifferences(chain(records(-1)), chain(records(changed))), ["hash"]);
  }));
});

Deno.test("extendTip refuses a record that is not the next one", () => {
  const tip = chain([genesis("g"), batch]);
  for (const seq of [1, 3]) assert.throws(() => extendTip(tip, heartbeat(seq)), RangeError);
  assert.throws(() => extendTip(undefined, heartbeat(1)), RangeError);
});

Deno.test("isTipDue says so behind each thousandth record", () => {
  assert.deepEqual([0, 998, 999, 1000, 1999].filter(isTipDue), [999, 1999]);
});

Deno.test("writeTip then readTip gives the tip back from where the protocol says", async () => {
  const { store, files } = mapStore();
  const tip = { ...chain([genesis("g")]), seq: 999 };
  await writeTip(store, "deployment", tip);
  assert.deepEqual([...files.keys()], [
    "_tributary/streams/deployment/tip/0000000000000999.json",
  ]);
  assert.deepEqual(await readTip(store, "deployment", 999), tip);
  assert.equal(await readTip(store, "deployment", 1999), undefined);
});

Deno.test("readTip reads version 1 for ever", async () => {
  const golden = await Deno.readFile(new URL("../../golden/journal/v1/tip.json", import.meta.url));
  const { store, files } = mapStore();
  files.set("_tributary/streams/deployment/tip/0000000000000999.json", golden);
  const tip = await readTip(store, "deployment", 999);
  assert(tip !== undefined);
  files.clear();
  await writeTip(store, "deployment", tip);
  assert.deepEqual([...files.values()][0], golden);
});

Deno.test("writeTip takes the same tip twice and refuses another in its place", async () => {
  const { store } = mapStore();
  const tip = { ...chain([genesis("g")]), seq: 999 };
  await writeTip(store, "deployment", tip);
  await writeTip(store, "deployment", tip);
  await assert.rejects(
    writeTip(store, "deployment", { ...tip, events: 3, hash: "0".repeat(64) }),
    /^PermanentError: .*tip\/0000000000000999.json": the one there differs in hash, events$/,
  );
});

Deno.test("readTip refuses a damaged tip and one that lies under another's key", async () => {
  const { store, files } = mapStore();
  const key = "_tributary/streams/deployment/tip/0000000000000999.json";
  files.set(key, new TextEncoder().encode("{}"));
  await assert.rejects(readTip(store, "deployment", 999), /field "v" is missing/);
  await writeTip(store, "deployment", { ...chain([genesis("g")]), seq: 1999 });
  files.set(key, files.get(key.replace("0999", "1999"))!);
  await assert.rejects(readTip(store, "deployment", 999), /its seq is 1999/);
});

Deno.test("readTip and writeTip leave a tip of a later version alone", async () => {
  const { store, files } = mapStore();
  const key = "_tributary/streams/deployment/tip/0000000000000999.json";
  files.set(key, new TextEncoder().encode('{"v": 2, "seq": 999, "sum": "0"}'));
  assert.equal(await readTip(store, "deployment", 999), undefined);
  const before = files.get(key);
  await writeTip(store, "deployment", { ...chain([genesis("g")]), seq: 999 });
  assert.equal(files.get(key), before);
});

Deno.test("lastTip looks back over missing tips, but not for ever", async () => {
  const { store, gets } = mapStore();
  const tip = { ...chain([genesis("g")]), seq: 1999 };
  await writeTip(store, "deployment", tip);
  assert.deepEqual(await lastTip(store, "deployment", 1999, 1), tip);
  assert.deepEqual(await lastTip(store, "deployment", 2500, 1), tip);
  assert.deepEqual(await lastTip(store, "deployment", 4999, 4), tip);
  assert.equal(await lastTip(store, "deployment", 4999, 3), undefined);
  gets.length = 0;
  assert.equal(await lastTip(store, "deployment", 998, 9), undefined);
  assert.equal(await lastTip(store, "deployment", 1998, 9), undefined);
  assert.equal(gets.length, 1);
});

function chain(records: readonly JournalRecord[]): Tip {
  let tip: Tip | undefined;
  for (const record of records) tip = extendTip(tip, record);
  return tip!;
}
