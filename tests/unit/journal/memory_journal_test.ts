import assert from "node:assert/strict";
import { createMemoryJournal } from "../../../src/journal/memory_journal.ts";
import { genesis } from "../../contract/journal_contract.ts";

Deno.test("createMemoryJournal keeps what was appended, whatever happens to the object", async () => {
  const journal = createMemoryJournal();
  const record = { ...genesis("first") };
  await journal.append("deployment", record);
  record.id = "changed";
  assert.equal((await journal.read("deployment", 0))?.id, "first");
});

Deno.test("createMemoryJournal shares nothing between two of its journals", async () => {
  await createMemoryJournal().append("deployment", genesis("a"));
  assert.deepEqual(await createMemoryJournal().streams(), []);
});
