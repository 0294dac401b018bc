import assert from "node:assert/strict";
import { acceptLosses } from "../../../../src/journal/losses/accept_losses.ts";
import { UnheldLosses } from "../../../../src/journal/losses/unheld_losses.ts";
import { createObjectCoverage } from "../../../../src/journal/object_coverage.ts";
import { createObjectJournal } from "../../../../src/journal/object_journal.ts";
import { positionAt } from "../../../../src/model/position.ts";
import { genesis } from "../../../contract/journal_contract.ts";
import { mapStore } from "../../../contract/journal_map_store.ts";
import { eventually } from "../../../support/eventually.ts";
import { gap } from "../../../support/lossy_records.ts";

const RETIRED = "collection.shop.old";
const HELD = "collection.shop.orders";

async function lake() {
  const map = mapStore();
  const journal = createObjectJournal(map.store);
  for (const key of [RETIRED, HELD]) {
    await journal.append(key, genesis("g"));
    await journal.append(key, gap(1));
  }
  const failures: unknown[] = [];
  const unheld = new UnheldLosses(map.store, journal, (_, error) => failures.push(error));
  const said = () => unheld.known.map(({ name, losses: { gaps } }) => `${name} ${gaps}`);
  const accept = (stream: string, seq: number) =>
    acceptLosses(map.store, journal, {
      ...{ stream, seqs: [seq], reason: "loaded", acceptedBy: "me" },
      acceptedAt: "2026-11-21T00:00:00.000Z",
    });
  return { map, journal, unheld, said, accept, failures };
}

Deno.test("UnheldLosses counts the journals that nobody has, once, until somebody has them", async () => {
  const { map, unheld, said, failures } = await lake();
  let held = [HELD];
  const look = () => unheld.look((key) => held.includes(key));
  await look();
  await eventually(() => said().length > 0);
  assert.deepEqual(said(), ["collection:shop.old 1"]);
  map.gets.length = 0;
  await look();
  assert.deepEqual(map.gets, []);
  held = [HELD, RETIRED];
  await look();
  assert.deepEqual(said(), []);
  held = [];
  await look();
  await eventually(() => said().length === 2);
  unheld.forget();
  assert.deepEqual([said(), failures], [[], []]);
});

Deno.test("UnheldLosses counts what is accepted no more, and the gaps of selections", async () => {
  const { map, unheld, said, accept } = await lake();
  const look = () => unheld.look((key) => key === HELD);
  const time = (t: number) => ({ t, i: 1 });
  await createObjectCoverage(map.store).append("shop", {
    ...{ seq: 0, filter: { include: ["shop.*"], exclude: [] }, start: positionAt(time(1)) },
    ...{ through: time(9), before: [], open: [], writtenAt: "2026-11-21T00:00:00.000Z" },
    gaps: [{ from: time(2), to: time(3), reason: "away" }],
  });
  await look();
  await eventually(() => said().length === 2);
  assert.deepEqual(said(), ["collection:shop.old 1", "selection.shop 1"]);
  await accept(RETIRED, 1);
  await accept("selection.shop", 0);
  await look();
  assert.deepEqual(said(), ["collection:shop.old 0", "selection.shop 0"]);
});

Deno.test("UnheldLosses says once of a journal that it cannot be counted", async () => {
  const { journal, map } = await lake();
  const failures: string[] = [];
  const last = () => Promise.reject(new Error("version 9"));
  const unheld = new UnheldLosses(map.store, { ...journal, last }, (key) => failures.push(key));
  await unheld.look((key) => key === HELD);
  await unheld.look((key) => key === HELD);
  assert.deepEqual([failures, unheld.known], [[RETIRED], []]);
});
