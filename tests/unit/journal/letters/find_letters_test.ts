import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import {
  findLetters,
  type LetterChoice,
  whyAbsent,
} from "../../../../src/journal/letters/find_letters.ts";
import { createInlineEncoder } from "../../../../src/encode/inline_encoder.ts";
import { EncoderCrashError } from "../../../../src/model/errors.ts";
import { RangeWorld } from "../../../support/range_world.ts";
import { OPLOG_SECONDS_FIRST } from "../../../support/lake_world.ts";
import { lakeWithLetters } from "../../../support/letter_lake.ts";

Deno.test("findLetters gives the files of dead letters in the order of their records", async () => {
  const world = await lakeWithLetters(12);
  const find = async (choice: LetterChoice = {}) => {
    const files = await Array.fromAsync(
      findLetters({ lake: world.destination, destination: world.destination }, choice),
    );
    return files.map(({ record, entry }) => [record.seq, entry.events.length]);
  };
  // A file that no record names, and one of somebody else.
  for (const name of ["collection.shop.orders-00000000-1-7.bson", "notes.txt"]) {
    await world.destination.putIfAbsent(`_tributary/dead-letter/${name}`, new Uint8Array(1));
  }
  assert.deepEqual(await find(), [[1, 2], [2, 2], [3, 2]]);
  assert.deepEqual(await find({ stream: "shop.orders", seq: 2 }), [[2, 2]]);
  assert.deepEqual(await find({ stream: "shop.items" }), []);
  assert.deepEqual((await find({ sinceSeconds: OPLOG_SECONDS_FIRST })).length, 3);
  assert.deepEqual(await find({ sinceSeconds: OPLOG_SECONDS_FIRST + 9999 }), []);
});

Deno.test("findLetters finds those of a stream that is asked for also where their file is gone", async () => {
  const world = await lakeWithLetters(12);
  const all = await Array.fromAsync(
    findLetters({ lake: world.destination, destination: world.destination }, {}),
  );
  const gone = all[1]!.entry.key;
  const { destination } = world;
  const store = {
    get: destination.get.bind(destination),
    head: destination.head.bind(destination),
    listFolders: destination.listFolders.bind(destination),
    list: async (...args: Parameters<typeof destination.list>) =>
      (await destination.list(...args)).filter((key) => key !== gone),
  };
  const find = async (choice: LetterChoice) => {
    const files = await Array.fromAsync(findLetters({ lake: store, destination: store }, choice));
    return files.map(({ record }) => record.seq);
  };
  assert.deepEqual(await find({}), [1, 3]);
  assert.deepEqual(await find({ stream: "shop.orders" }), [1, 2, 3]);
  assert.deepEqual(await find({ stream: "shop.orders", seq: 2 }), [2]);
});

Deno.test("findLetters finds those of a stream's snapshots with it, and by the range's name", async () => {
  const range = new RangeWorld(3);
  const copy = range.copy();
  const inner = createInlineEncoder(range.world.clock);
  let deaths = 0;
  copy.encoder = {
    // One document alone is set aside before it dies again.
    encode: (request) => {
      const rows = request.chunks.reduce((sum, { starts }) => sum + starts.length, 0);
      if (rows > 0 && deaths++ < 2) throw new EncoderCrashError("died");
      return inner.encode(request);
    },
  };
  for (let tries = 0; (await range.records()).at(-1)?.kind !== "closed"; tries++) {
    assert(tries < 9);
    await copy.run().catch((error: Error) => assert.equal(error.message, "died"));
  }
  const { destination } = range.world;
  const find = async (stream: string) => {
    const places = { lake: destination, destination };
    return (await Array.fromAsync(findLetters(places, { stream }))).map(({ entry }) =>
      entry.events.length
    );
  };
  assert.deepEqual(await find("shop.orders"), [1]);
  assert.deepEqual(await find("snapshot:shop.orders 1/1"), [1]);
  assert.deepEqual(await find("shop.items"), []);
});

Deno.test("whyAbsent tells a stream or a record that is not there from one without dead letters", async () => {
  const { destination } = await lakeWithLetters(4);
  assert.equal(await whyAbsent({ lake: destination }, { stream: "shop.items" }), "no stream");
  assert.equal(
    await whyAbsent({ lake: destination }, { stream: "shop.orders", seq: 9 }),
    "no record",
  );
  assert.equal(
    await whyAbsent({ lake: destination }, { stream: "shop.orders", seq: 0 }),
    "no letters",
  );
  assert.equal(await whyAbsent({ lake: destination }, {}), "no letters");
  assert.equal(await whyAbsent({ lake: new MemoryDestination() }, {}), "no lake");
});
