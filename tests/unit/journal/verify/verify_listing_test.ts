import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { JOURNAL_MARK, recordKey } from "../../../../src/journal/journal_keys.ts";
import { encodeRecord } from "../../../../src/journal/codec/record_codec.ts";
import type { WalkedJournal } from "../../../../src/journal/verify/verify.ts";
import { findOrphans, type ListingOptions } from "../../../../src/journal/verify/verify_listing.ts";
import type { JournalRecord } from "../../../../src/model/record.ts";
import { sampleEvent } from "../../../contract/encoder_events.ts";
import { genesis, heartbeat } from "../../../contract/journal_contract.ts";

const LAKE = (genesis("g") as { lake: string }).lake;

/** When the journal begins, in seconds. */
const BEGIN = 1000;
const STREAM = "database.shop";

Deno.test("findOrphans finds objects of ours in every folder, and leaves the rest alone", async () => {
  const lake = await lakeOf(
    `A/${STREAM}-${LAKE}-1-5.parquet`,
    `${STREAM}-${LAKE}-1-6.jsonl.gz`,
    `db=shop/coll=a/${STREAM}-${LAKE}-1-7.csv.zst`,
    `z/deep/er/${STREAM}-${LAKE}-1-8.avro`,
    // Not ours, or not where ours are.
    "README.md",
    "db=shop/coll=a/part-00000.parquet",
    `z/${STREAM}-${LAKE}-1-9.bson`,
    `_tributary/tmp/${STREAM}-${LAKE}-1-9.parquet`,
    `_tributary/dead-letter/${STREAM}-${LAKE}-1-9.txt`,
  );
  const orphans = await found(lake);
  assert.deepEqual(
    new Set(orphans.map(({ key }) => key.replace(/.*-1-(\d).*/, "$1"))),
    new Set("5678"),
  );
  assert.equal(orphans.length, 4);
  assert(
    orphans.every(({ kind, what }) =>
      kind === "superfluous" && /its rows are there twice/.test(what)
    ),
  );
});

Deno.test("findOrphans takes what records name for no orphan, also records that came since the walk", async () => {
  const named = `f/${STREAM}-${LAKE}-1-0.parquet`;
  const given = `f/${STREAM}-${LAKE}-2-0.parquet`;
  const letters = `_tributary/dead-letter/${STREAM}-${LAKE}-1-1.bson`;
  const lake = await lakeOf(named, given, letters);
  assert.equal((await found(lake, { named: { has: (key) => key === given } })).length, 0);
});

Deno.test("findOrphans finds dead letters, and knows their time", async () => {
  const key = `_tributary/dead-letter/${STREAM}-${LAKE}-1-9.bson`;
  const at = (t: number) => sampleEvent(1, { clusterTime: { t, i: 1 } }).bson;
  const files = [[at(BEGIN + 5), "superfluous"], [at(BEGIN - 5), "foreign"]] as const;
  for (const [bytes, kind] of [...files, [new Uint8Array([5, 0, 0, 0, 0]), "foreign"] as const]) {
    const lake = await lakeOf();
    await lake.putIfAbsent(key, bytes);
    const orphans = await found(lake);
    assert.deepEqual(orphans.map((each) => [each.key, each.kind]), [[key, kind]]);
  }
});

Deno.test("findOrphans says what an orphan means", async () => {
  const key = (name: string) => `f/${STREAM}-${name}.parquet`;
  const other = `f/database.other-${LAKE}-1-0.parquet`;
  const lake = await lakeOf(key(`${LAKE}-9-0`), other);
  const orphans = await found(lake);
  assert.deepEqual(orphans.map(({ kind, what }) => [kind, what]), [
    ["foreign", "no record names it: its stream has no journal"],
    ["tail", "no record names it: the journal ends at record 1"],
  ]);
});

Deno.test("findOrphans takes nothing for superfluous that the journal does not cover", async () => {
  const lake = await lakeOf(`f/${STREAM}-00000000-1-0.parquet`, `f/${STREAM}-00000000-9-0.parquet`);
  const whys: [number, Partial<WalkedJournal>, RegExp][] = [
    [BEGIN - 1, {}, /it is older than the journal of its stream/],
    [BEGIN, {}, /it is older than the journal of its stream/],
    [
      BEGIN + 50,
      { gaps: [{ from: BEGIN + 40, to: BEGIN + 60 }] },
      /a time that the journal left out/,
    ],
  ];
  for (const [seconds, change, why] of whys) {
    const journals = new Map([[STREAM, { ...walked(0, 1), ...change }]]);
    const orphans = await found(lake, { journals, inspect: inspectAt(seconds) });
    assert.deepEqual(orphans.map(({ kind }) => kind), ["foreign", "foreign"]);
    assert(orphans.every(({ what }) => why.test(what)));
  }
  for (const [i, kind] of [[6, "foreign"], [7, "superfluous"]] as const) {
    const token = tokenAt(BEGIN, i);
    const [orphan] = await found(lake, { inspect: inspectAt(BEGIN, token) });
    assert.equal(orphan?.kind, kind, "within the second in which the journal begins");
  }
  const damaged = () => Promise.resolve({ fault: "it is damaged (x)" });
  const orphans = await found(lake, { inspect: damaged });
  assert.deepEqual(orphans.map(({ kind }) => kind), ["foreign", "foreign"]);
  const { begin: _, ...headless } = walked(0, 1);
  const headlessFound = await found(lake, { journals: new Map([[STREAM, headless]]) });
  assert.deepEqual(headlessFound.map(({ kind }) => kind), ["foreign", "foreign"]);
});

for (const sign of [recordKey(STREAM, 0), JOURNAL_MARK]) {
  Deno.test(`findOrphans leaves another lake below the same prefix alone, by ${sign}`, async () => {
    const lake = await lakeOf(
      `f/${STREAM}-${LAKE}-1-5.parquet`,
      `inner/a/${STREAM}-${LAKE}-1-6.parquet`,
      `inner/z/${STREAM}-${LAKE}-1-7.parquet`,
      `inner/_tributary/dead-letter/${STREAM}-${LAKE}-1-7.bson`,
      `inner-not/${STREAM}-${LAKE}-1-8.parquet`,
    );
    await lake.putIfAbsent(`inner/${sign}`, new Uint8Array(1));
    const keys = (await found(lake)).map(({ key }) => key);
    assert.deepEqual(keys.map((key) => key.split("/")[0]), ["f", "inner-not"]);
  });
}

Deno.test("findOrphans looks at the chosen streams, records and folder only", async () => {
  const lake = await lakeOf(
    `a/${STREAM}-${LAKE}-1-5.parquet`,
    `b/${STREAM}-${LAKE}-1-6.parquet`,
  );
  assert.equal((await found(lake, { isChosen: () => false })).length, 0);
  const journals = new Map([[STREAM, walked(2, 5)]]);
  assert.equal((await found(lake, { isSince: true, journals })).length, 0);
  assert.equal((await found(lake, { folder: "b/" })).length, 1);
});

Deno.test("findOrphans lists large folders in pages", async () => {
  const lake = await lakeOf(
    ...Array.from({ length: 7 }, (_, i) => `f/${STREAM}-${LAKE}-1-${i + 1}00.parquet`),
  );
  const destination: ListingOptions["destination"] = {
    get: (key) => lake.get(key),
    head: (key) => lake.head(key),
    list: (prefix, options) => lake.list(prefix, { ...options, limit: Math.min(options.limit, 3) }),
  };
  assert.equal((await found(lake, { destination, pageKeys: 3 })).length, 7);
});

/** All objects have events of this second. */
function inspectAt(seconds: number, token?: string): ListingOptions["inspect"] {
  const ms = seconds * 1000;
  const times = {
    firstMs: ms,
    lastMs: ms,
    ...(token === undefined ? {} : { tokens: [token, token] as const }),
  };
  return () => Promise.resolve({ rows: 1, times });
}

/** The token of the first event of a time. */
function tokenAt(t: number, i: number): string {
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, "0");
  return `82${hex(t)}${hex(i)}2B0429296E1404`;
}

function walked(first: number, last: number): WalkedJournal {
  const report = {
    stream: STREAM,
    records: 2,
    objects: 1,
    rows: 1,
    deadLetters: 0,
    remadeUnnoted: 0,
    holes: [],
  };
  return {
    report,
    lake: LAKE,
    begin: { operationTime: { t: BEGIN, i: 7 }, data: "" },
    gaps: [],
    walked: { first, last },
    folder: "",
  };
}

async function found(lake: MemoryDestination, choice: Partial<ListingOptions> = {}) {
  const orphans = [];
  const all = findOrphans({
    lake,
    destination: lake,
    inspect: inspectAt(BEGIN + 100),
    named: { has: () => false },
    journals: new Map([[STREAM, walked(0, 1)]]),
    isChosen: () => true,
    isSince: false,
    folder: "",
    ...choice,
  });
  for await (const orphan of all) orphans.push(orphan);
  return orphans;
}

/** With a journal whose record 1 names one object and one file of dead letters. */
async function lakeOf(...keys: string[]): Promise<MemoryDestination> {
  const lake = new MemoryDestination();
  const batch: JournalRecord = {
    ...heartbeat(1),
    kind: "batch",
    objects: [{
      key: `f/${STREAM}-${LAKE}-1-0.parquet`,
      database: "shop",
      collection: "a",
      bucket: "",
      rows: 1,
      bytes: 1,
    }],
    deadLetters: [{
      key: `_tributary/dead-letter/${STREAM}-${LAKE}-1-1.bson`,
      bytes: 1,
      events: [{ data: "82", reason: "r" }],
    }],
  };
  await lake.putIfAbsent(recordKey(STREAM, 0), encodeRecord(genesis("g")));
  await lake.putIfAbsent(recordKey(STREAM, 1), encodeRecord(batch));
  for (const key of keys) await lake.putIfAbsent(key, new Uint8Array(1));
  return lake;
}
