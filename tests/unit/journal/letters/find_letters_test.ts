import assert from "node:assert/strict";
import { findLetters, type LetterChoice } from "../../../../src/journal/letters/find_letters.ts";
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
