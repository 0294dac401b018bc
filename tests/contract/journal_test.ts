import { createMemoryJournal } from "../../src/journal/memory_journal.ts";
import { createObjectJournal } from "../../src/journal/object_journal.ts";
import { testJournalContract } from "./journal_contract.ts";
import { mapStore } from "./journal_map_store.ts";

testJournalContract("memory journal", () =>
  Promise.resolve({
    journal: createMemoryJournal(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }));

testJournalContract("object journal in a map", () =>
  Promise.resolve({
    journal: createObjectJournal(mapStore().store),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }));
