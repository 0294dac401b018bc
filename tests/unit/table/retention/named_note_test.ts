import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { readNamedNote, writeNamedNote } from "../../../../src/table/retention/named_note.ts";

Deno.test("a note is read as it was written, and one that cannot be read is none", async () => {
  const store = new MemoryDestination();
  assert.deepEqual(await readNamedNote(store, "f"), {});
  const named = { ab: { sinceMs: 5, tables: ["delta x"] } };
  await writeNamedNote(store, "f", named);
  assert.deepEqual(await readNamedNote(store, "f"), named);
  for (const text of ["{", '{"v":2,"named":{}}', '{"v":1,"named":{"ab":{"sinceMs":-1}}}']) {
    await store.replace("_tributary/tables/retention/f.json", new TextEncoder().encode(text));
    assert.deepEqual(await readNamedNote(store, "f"), {}, text);
  }
});
