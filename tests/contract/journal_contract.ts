import assert from "node:assert/strict";
import fc from "fast-check";
import { positionAt } from "../../src/model/position.ts";
import type { GenesisRecord, HeartbeatRecord, JournalRecord } from "../../src/model/record.ts";
import type { Journal } from "../../src/pipeline/ports.ts";

/** A fresh, empty journal, and what must be cleaned up after it. */
export interface JournalUnderTest extends AsyncDisposable {
  readonly journal: Journal;
}

const START = positionAt({ t: 1763690000, i: 1 });

/** The suite every journal passes. */
export function testJournalContract(name: string, open: () => Promise<JournalUnderTest>): void {
  testRecords(name, open);
  testLast(name, open);
  testSurvey(name, open);
  testStarts(name, open);
}

function testRecords(name: string, open: () => Promise<JournalUnderTest>): void {
  Deno.test(`${name}: append then read gives the record back, also far apart`, async () => {
    await using under = await open();
    for (const record of [genesis("a"), heartbeat(1), heartbeat(Number.MAX_SAFE_INTEGER)]) {
      assert.equal(await under.journal.append("database.shop", record), "appended");
      assert.deepEqual(await under.journal.read("database.shop", record.seq), record);
    }
  });

  Deno.test(`${name}: append of a seq that is taken changes nothing and says so`, async () => {
    await using under = await open();
    await under.journal.append("deployment", genesis("ours"));
    assert.equal(await under.journal.append("deployment", genesis("ours")), "exists");
    assert.equal(await under.journal.append("deployment", genesis("theirs")), "exists");
    assert.equal((await under.journal.read("deployment", 0))?.id, "ours");
  });

  Deno.test(`${name}: of many appends of one seq at the same time, one wins`, async () => {
    await using under = await open();
    const ids = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const answers = await Promise.all(
      ids.map((id) => under.journal.append("deployment", genesis(id))),
    );
    const winners = ids.filter((_, index) => answers[index] === "appended");
    assert.equal(winners.length, 1);
    assert.equal((await under.journal.read("deployment", 0))?.id, winners[0]);
  });

  Deno.test(`${name}: read of what is not there is undefined`, async () => {
    await using under = await open();
    for (const seq of [0, 1, Number.MAX_SAFE_INTEGER]) {
      assert.equal(await under.journal.read("deployment", seq), undefined);
    }
  });

  Deno.test(`${name}: streams are apart, also where one key begins like another`, async () => {
    await using under = await open();
    await under.journal.append("collection.shop.orders2", genesis("two"));
    assert.equal(await under.journal.exists("collection.shop.orders"), false);
    assert.equal(await under.journal.last("collection.shop.orders"), undefined);
    assert.equal(await under.journal.exists("collection.shop.orders2"), true);
  });

  Deno.test(`${name}: exists sees a journal that has lost its first record`, async () => {
    await using under = await open();
    await under.journal.append("deployment", heartbeat(5));
    assert.equal(await under.journal.exists("deployment"), true);
  });

  Deno.test(`${name}: streams names each stream with a journal, also with odd names`, async () => {
    await using under = await open();
    assert.deepEqual(await under.journal.streams(), []);
    const keys = ["collection.a%2E%2E%2Fb.c%2Ed", "collection.x.y.e1.2of4", "database.shop"];
    for (const key of keys) {
      await under.journal.append(key, genesis(key));
      await under.journal.append(key, heartbeat(1));
    }
    await under.journal.putStart("database.other", START);
    assert.deepEqual((await under.journal.streams()).sort(), keys);
  });
}

function testLast(name: string, open: () => Promise<JournalUnderTest>): void {
  Deno.test(`${name}: last finds the last record whatever the hint`, async () => {
    await using under = await open();
    assert.equal(await under.journal.last("deployment"), undefined);
    assert.equal(await under.journal.last("deployment", 3), undefined);
    const hints = [undefined, NaN, Infinity, -Infinity, -1, 0.5, 0, 1, 2, 3, 4, 9, 1e6, 2 ** 60];
    for (let length = 1; length <= 9; length++) {
      const record = length === 1 ? genesis("g") : heartbeat(length - 1);
      await under.journal.append("deployment", record);
      for (const hint of hints) {
        const last = await under.journal.last("deployment", hint);
        assert.deepEqual(last, record, `length ${length}, hint ${hint}`);
      }
    }
  });
}

function testSurvey(name: string, open: () => Promise<JournalUnderTest>): void {
  Deno.test(`${name}: survey names what is missing before the last record`, async () => {
    await using under = await open();
    assert.deepEqual(await under.journal.survey("deployment", -1), { missing: [] });
    for (const seq of [2, 3, 7, 9]) await under.journal.append("deployment", heartbeat(seq));
    await under.journal.append("deployment2", genesis("another"));
    assert.deepEqual(await under.journal.survey("deployment", -1), {
      lastSeq: 9,
      missing: [{ first: 0, last: 1 }, { first: 4, last: 6 }, { first: 8, last: 8 }],
    });
    assert.deepEqual(await under.journal.survey("deployment", 3), {
      lastSeq: 9,
      missing: [{ first: 4, last: 6 }, { first: 8, last: 8 }],
    });
    assert.deepEqual(await under.journal.survey("deployment", 9), { missing: [] });
  });

  Deno.test(`${name}: survey looks through more than a page`, async () => {
    await using under = await open();
    for (let seq = 0; seq < 1100; seq++) {
      if (seq === 1050) continue;
      await under.journal.append("deployment", seq === 0 ? genesis("g") : heartbeat(seq));
    }
    assert.deepEqual(await under.journal.survey("deployment", -1), {
      lastSeq: 1099,
      missing: [{ first: 1050, last: 1050 }],
    });
  });
}

function testStarts(name: string, open: () => Promise<JournalUnderTest>): void {
  Deno.test(`${name}: the first start position of a target counts for ever`, async () => {
    await using under = await open();
    const later = { operationTime: { t: 1763690009, i: 3 }, data: "82", typeBits: "gA==" };
    assert.equal(await under.journal.readStart("deployment"), undefined);
    assert.deepEqual(await under.journal.putStart("deployment", START), START);
    assert.deepEqual(await under.journal.putStart("deployment", later), START);
    assert.deepEqual(await under.journal.readStart("deployment"), START);
    assert.deepEqual(await under.journal.putStart("database.shop", later), later);
    assert.deepEqual(await under.journal.readStart("database.shop"), later);
  });

  Deno.test(`${name}: putStart by many at the same time gives all the same answer`, async () => {
    await using under = await open();
    const wishes = fc.sample(fc.nat({ max: 1e9 }), { numRuns: 8, seed: 7 });
    const answers = await Promise.all(
      wishes.map((t) => under.journal.putStart("deployment", positionAt({ t, i: 1 }))),
    );
    const fixed = await under.journal.readStart("deployment");
    assert(fixed !== undefined && wishes.includes(fixed.operationTime.t));
    for (const answer of answers) assert.deepEqual(answer, fixed);
  });
}

/** The first record of a journal. */
export function genesis(id: string): GenesisRecord {
  return {
    ...common(0, id),
    kind: "genesis",
    stream: { level: "deployment" },
    lake: "0123abcd",
    source: { setName: "rs0" },
    settings: {
      fullDocument: "update-lookup",
      fullDocumentBeforeChange: "off",
      namespaces: { include: [], exclude: [] },
      stages: [],
      encoding: { format: "jsonl", compression: "none", jsonMode: "relaxed" },
      keyRule: { template: "", bucket: "none" },
      encoderVersion: 1,
    },
  };
}

/** A later record. */
export function heartbeat(seq: number): HeartbeatRecord {
  return { ...common(seq, `id-${seq}`), kind: "heartbeat" };
}

function common(seq: number, id: string): Omit<JournalRecord, "kind"> {
  return {
    v: 1,
    seq,
    from: START,
    to: START,
    id,
    owner: "owner",
    generation: 1,
    settingsSeq: 0,
    durableThrough: -1,
    writtenAt: "2026-11-20T17:00:00.000Z",
  };
}
