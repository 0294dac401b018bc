import assert from "node:assert/strict";
import {
  checkSnapshots,
  ifNobodyAsked,
  type SnapshotCheck,
  whyNone,
} from "../../../src/app/check_snapshots.ts";
import { PermanentError, TransientError } from "../../../src/model/errors.ts";
import type { JournalRecord } from "../../../src/model/record.ts";
import type { Stream } from "../../../src/model/stream.ts";

const SIGNAL = new AbortController().signal;
const of = (collection: string): Stream => ({ level: "collection", database: "shop", collection });

function checkOf(
  choice: Partial<SnapshotCheck> & { begun?: string[]; ids?: string[]; empty?: string[] },
) {
  const { begun = [], ids = [], empty = [], ...rest } = choice;
  const found = { uuid: "0".repeat(32), isCapped: false, database: "shop" };
  const none = { hasPlan: true, hasEnd: true, isCancelled: false };
  let surveys = 0;
  const check: SnapshotCheck = {
    documents: {
      survey: () => {
        surveys++;
        return Promise.resolve([
          { ...found, collection: "orders", documents: 1_200_000 },
          { ...found, collection: "items", documents: 800_000 },
          { ...found, collection: "other", documents: 7 },
        ]);
      },
    },
    files: { find: () => Promise.resolve(new Map(ids.map((id) => [id, none]))) },
    journal: {
      streams: () => Promise.resolve(begun),
      read: (key) => {
        const wasEmpty = empty.includes(key) ? { wasEmpty: true } : {};
        return Promise.resolve({ kind: "genesis", ...wasEmpty } as unknown as JournalRecord);
      },
    },
    targets: [of("orders"), of("items")],
    namespaces: { include: [], exclude: [] },
    ...rest,
  };
  return { check, surveys: () => surveys };
}

Deno.test("checkSnapshots() says how much the first start reads, and how long that takes", async () => {
  const { check, surveys } = checkOf({});
  assert.deepEqual(await checkSnapshots(check, SIGNAL), [{
    ...{ subject: "Snapshots", state: "ok" },
    text: "the first start reads about 2,000,000 documents of 2 collections; at 20,000 a second " +
      "that takes 1m 40s",
  }]);
  assert.equal(surveys(), 1);
  const slow = checkOf({ documentsPerSecondMax: 1000 }).check;
  assert.match(
    (await checkSnapshots(slow, SIGNAL))[0]!.text,
    /at 1,000 a second that takes 33m 20s/,
  );
});

Deno.test("checkSnapshots() names what was begun without a snapshot, and the command", async () => {
  const begun = ["collection.shop.orders", "collection.shop.items.e1.1of2"];
  const [finding, ...others] = await checkSnapshots(checkOf({ begun }).check, SIGNAL);
  assert.deepEqual(others, []);
  assert.equal(finding!.state, "warning");
  assert.match(
    finding!.text,
    /^shop\.orders, shop\.items were begun without .*`tributary snapshot start shop\.orders` reads/,
  );
  const ids = ["collection.shop.orders.initial", "collection.shop.items.asked-1"];
  assert.deepEqual(await checkSnapshots(checkOf({ begun, ids }).check, SIGNAL), []);
  const empty = ["collection.shop.items.e1.1of2"];
  const [orders] = await checkSnapshots(checkOf({ begun, empty }).check, SIGNAL);
  assert.match(orders!.text, /^shop\.orders was begun without/, "the other needed none");
});

Deno.test("checkSnapshots() says why a first start reads nothing, and what helps", async () => {
  const none = { reason: "START_FROM=earliest says so", change: "set SNAPSHOT=initial" };
  const { check, surveys } = checkOf({ none });
  assert.deepEqual(await checkSnapshots(check, SIGNAL), [{
    ...{ subject: "Snapshots", state: "ok" },
    text:
      "the first start reads no documents that are there: START_FROM=earliest says so; for them, " +
      "set SNAPSHOT=initial",
  }]);
  assert.equal(surveys(), 0);
  const begun = ["collection.shop.orders", "collection.shop.items"];
  assert.deepEqual(await checkSnapshots(checkOf({ none, begun }).check, SIGNAL), []);
});

Deno.test("who could not look says so only of what nobody else tells, and as a warning", () => {
  assert.deepEqual(ifNobodyAsked(new TransientError("no answer")), []);
  assert.deepEqual(ifNobodyAsked(new PermanentError("not allowed")), [{
    ...{ subject: "Snapshots", state: "warning" },
    text: "how much a first start reads is not known: not allowed",
  }]);
});

Deno.test("whyNone() asks the server only where nobody has said anything", async () => {
  const facts = { identity: { setName: "rs0" }, operationTime: { t: 1, i: 1 }, version: "6.0.5" };
  const server = (version: string) => () => Promise.resolve({ ...facts, version });
  const nobody = () => Promise.reject(new Error("the server was asked"));
  const why = { reason: "a", change: "b" };
  assert.equal(await whyNone({ kind: "off", why }, nobody), why);
  assert.equal(await whyNone({ kind: "off" }, nobody), undefined);
  assert.equal(await whyNone({ kind: "initial" }, nobody), undefined);
  assert.equal(await whyNone({ kind: "where-possible" }, server("6.0.5")), undefined);
  const none = await whyNone({ kind: "where-possible" }, server("5.0.31"));
  assert.match(none!.reason, /needs MongoDB 6\.0/);
  assert.match(none!.change, /another tool/);
});
