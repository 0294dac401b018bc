import assert from "node:assert/strict";
import { TransientError } from "../../../../src/model/errors.ts";
import type { JournalRecord } from "../../../../src/model/record.ts";
import { positionAfterTime } from "../../../../src/model/position.ts";
import type { FindAnyRequest, FoundAny } from "../../../../src/pipeline/documents.ts";
import { beganEmpty, isNothingThere } from "../../../../src/pipeline/snapshot/began_empty.ts";
import { ORDERS } from "../../../support/lake_world.ts";
import { MemoryDocuments } from "../../../support/memory_documents.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const NEVER = new AbortController().signal;
const TIME = { t: 100, i: 5 };
const LATER = { t: 100, i: 6 };
const EARLIER = { t: 100, i: 4 };

/** What is answered where it is asked as of the start, and where it is asked for the newest time; undefined: an error. */
async function found(atStart: FoundAny | undefined, newest?: FoundAny, stream = ORDERS) {
  const asked: FindAnyRequest[] = [];
  const findAny = (request: FindAnyRequest) => {
    asked.push(request);
    const answer = request.at === undefined ? newest : atStart;
    return answer === undefined
      ? Promise.reject(new TransientError("not now"))
      : Promise.resolve(answer);
  };
  const clock = new VirtualClock();
  const isEmpty = await isNothingThere({ findAny }, stream, positionAfterTime(TIME), clock, NEVER);
  return { isEmpty, asked: asked.map(({ at }) => at) };
}

Deno.test("what was empty at the start is, and is asked about once", async () => {
  const empty = await found({ isEmpty: true, at: TIME });
  assert.deepEqual(empty, { isEmpty: true, asked: [TIME] });
  const full = await found({ isEmpty: false, at: TIME });
  assert.deepEqual(full, { isEmpty: false, asked: [TIME] });
});

Deno.test("where that time cannot be read, a later one counts, and none before the start", async () => {
  const asked = [TIME, undefined];
  for (const at of [TIME, LATER]) {
    assert.deepEqual(await found(undefined, { isEmpty: true, at }), { isEmpty: true, asked });
    assert.deepEqual(await found(undefined, { isEmpty: false, at }), { isEmpty: false, asked });
  }
  const before = await found(undefined, { isEmpty: true, at: EARLIER });
  assert.deepEqual(before, { isEmpty: false, asked });
  assert.deepEqual(await found(undefined), { isEmpty: false, asked });
});

Deno.test("a database is not asked about", async () => {
  const stream = { level: "database", database: "shop" } as const;
  const answer = await found({ isEmpty: true, at: TIME }, undefined, stream as never);
  assert.deepEqual(answer, { isEmpty: false, asked: [] });
});

Deno.test("a server that does not come to the start holds nobody up", async () => {
  const clock = new VirtualClock();
  const findAny = () => new Promise<never>(() => {});
  const asked = isNothingThere({ findAny }, ORDERS, positionAfterTime(TIME), clock, NEVER);
  assert.equal(await clock.finish(asked), false);
});

Deno.test("who is stopped does not take that for an answer", async () => {
  const stop = new AbortController();
  const findAny = () => {
    stop.abort(new Error("stopped"));
    return Promise.reject(new TransientError("cut"));
  };
  const start = positionAfterTime(TIME);
  await assert.rejects(
    isNothingThere({ findAny }, ORDERS, start, new VirtualClock(), stop.signal),
    /stopped/,
  );
});

Deno.test("documents that come behind the start do not count, those before it do", async () => {
  const documents = new MemoryDocuments(TIME);
  const ask = (at: typeof TIME) =>
    isNothingThere(documents, ORDERS, positionAfterTime(at), new VirtualClock(), NEVER);
  documents.set("orders", []);
  const start = documents.now;
  documents.set("orders", [{ _id: 1, value: 1 }]);
  assert.equal(await ask(start), true);
  assert.equal(await ask(documents.now), false);
  documents.forget();
  assert.equal(await ask(start), false, "that time is forgotten, and there are documents now");
});

Deno.test("beganEmpty() asks all journals of the target, and no others", async () => {
  const said = new Set<string>();
  const journal = {
    streams: () =>
      Promise.resolve([
        ...["collection.shop.orders.e1.1of2", "collection.shop.orders.e1.2of2"],
        ...["collection.shop.other", "database.shop"],
      ]),
    read: (key: string) => {
      const wasEmpty = said.has(key) ? { wasEmpty: true } : {};
      return Promise.resolve({ kind: "genesis", ...wasEmpty } as unknown as JournalRecord);
    },
  };
  said.add("collection.shop.other");
  assert.equal(await beganEmpty(journal, ORDERS), false);
  said.add("collection.shop.orders.e1.2of2");
  assert.equal(await beganEmpty(journal, ORDERS), true);
});
