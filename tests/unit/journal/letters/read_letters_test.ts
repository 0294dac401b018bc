import assert from "node:assert/strict";
import { findLetters } from "../../../../src/journal/letters/find_letters.ts";
import { PermanentError } from "../../../../src/model/errors.ts";
import type { LetterFile } from "../../../../src/model/redrive.ts";
import { readLetters } from "../../../../src/journal/letters/read_letters.ts";
import { lakeWithLetters } from "../../../support/letter_lake.ts";

async function firstFile(reason?: string) {
  const world = await lakeWithLetters(4, reason);
  const [file] = await Array.fromAsync(
    findLetters({ lake: world.destination, destination: world.destination }, {}),
  );
  return { destination: world.destination, file: file! };
}

Deno.test("readLetters gives each event with its reason, and whether it is whole", async () => {
  const { destination, file } = await firstFile();
  const letters = await readLetters(destination, file);
  assert.deepEqual(letters.map(({ data }) => data), file.entry.events.map(({ data }) => data));
  assert(letters.every(({ isWhole, isRedriven }) => isWhole && !isRedriven));
  const poor = await firstFile("Cannot read the change stream x: no image");
  const [letter] = await readLetters(poor.destination, poor.file);
  assert.equal(letter!.isWhole, false);
});

Deno.test("readLetters refuses a file that is gone or has other events", async () => {
  const { file } = await firstFile();
  const read = (bytes: Uint8Array<ArrayBuffer> | undefined, of: LetterFile = file) =>
    readLetters({ get: () => Promise.resolve(bytes) }, of);
  await assert.rejects(read(undefined), /is gone/);
  await assert.rejects(read(new Uint8Array([5, 0, 0, 0, 0])), (error) => {
    assert(error instanceof PermanentError);
    assert.match(error.message, /has 1 events, its record names 2/);
    return true;
  });
  // A damaged event is the rest of the file.
  const events = file.entry.events.slice(0, 1);
  const damaged = new Uint8Array([9, 0, 0, 0, 1, 1]);
  const [letter] = await read(damaged, { ...file, entry: { ...file.entry, events } });
  assert.deepEqual(letter!.event, damaged);
  assert.match(letter!.damage!, /^Cannot read BSON/);
});
