import { openDestination } from "../../src/destination/destinations.ts";
import { DEFAULT_RETRY } from "../../src/destination/open_destination.ts";
import { createObjectJournal } from "../../src/journal/object_journal.ts";
import { writeTips } from "../../src/journal/tip_writer.ts";
import type { Journal } from "../../src/pipeline/ports.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { type JournalUnderTest, testJournalContract } from "./journal_contract.ts";
import { mapStore } from "./journal_map_store.ts";

const TOOLS = { clock: systemClock, random: systemRandom };
const OPTIONS = { retry: DEFAULT_RETRY };

testJournalContract("object journal in memory", async () => {
  return await nothingToCleanUp(
    createObjectJournal(await openDestination("memory:", OPTIONS, TOOLS)),
  );
});

testJournalContract(
  "object journal in a map",
  () => nothingToCleanUp(createObjectJournal(mapStore().store)),
);

testJournalContract("object journal with tips", () => {
  const { store } = mapStore();
  return nothingToCleanUp(writeTips(createObjectJournal(store), store, () => {}));
});

testJournalContract("object journal in a directory", async () => {
  const folder = await Deno.makeTempDir();
  const destination = await openDestination(`file://${folder}/lake`, OPTIONS, TOOLS);
  return {
    journal: createObjectJournal(destination),
    async [Symbol.asyncDispose]() {
      await destination.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
});

function nothingToCleanUp(journal: Journal): Promise<JournalUnderTest> {
  return Promise.resolve({ journal, [Symbol.asyncDispose]: () => Promise.resolve() });
}
