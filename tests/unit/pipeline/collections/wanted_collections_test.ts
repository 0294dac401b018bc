import assert from "node:assert/strict";
import type { NamespaceFilter } from "../../../../src/model/settings.ts";
import type { SelectionCoverage } from "../../../../src/pipeline/collections/selection_coverage.ts";
import {
  type CollectionChoice,
  WantedCollections,
} from "../../../../src/pipeline/collections/wanted_collections.ts";
import { NEVER, shop } from "../../../support/covered_lake.ts";

const filterOf = (...include: string[]): NamespaceFilter => ({ include, exclude: [] });

/** Coverages that find one collection each, called as the first pattern. */
function wantedWith(choice: { current: CollectionChoice }) {
  const calls: string[] = [];
  const wanted = new WantedCollections(() => choice.current, (filter) => {
    const name = filter.include[0]!;
    calls.push(`open ${name}`);
    return {
      filter,
      look: () => Promise.resolve([shop(name), shop("named")]),
      close: () => Promise.resolve(void calls.push(`close ${name}`)),
    } as unknown as SelectionCoverage;
  });
  const look = async () => (await wanted.look(NEVER)).map(({ collection }) => collection);
  return { wanted, calls, look };
}

Deno.test("WantedCollections.look() gives those named, there or not, and those found, each once", async () => {
  const choice: { current: CollectionChoice } = { current: { named: [shop("named")] } };
  const { wanted, calls, look } = wantedWith(choice);
  assert.deepEqual(await look(), ["named"]);
  choice.current = { named: [shop("named")], filter: filterOf("a*") };
  assert.deepEqual(await look(), ["named", "a*"]);
  assert.deepEqual(calls, ["open a*"]);
  await wanted.close();
  assert.deepEqual(calls, ["open a*", "close a*"]);
});

Deno.test("WantedCollections.look() follows settings, and goes on where the patterns are the same", async () => {
  const choice: { current: CollectionChoice } = {
    current: { named: [], filter: filterOf("a*", "b*") },
  };
  const { calls, look } = wantedWith(choice);
  await look();
  choice.current = { named: [], filter: filterOf("b*", "a*") };
  await look();
  assert.deepEqual(calls, ["open a*"]);
  choice.current = { named: [], filter: filterOf("c*") };
  assert.deepEqual(await look(), ["c*", "named"]);
  choice.current = { named: [shop("x")] };
  assert.deepEqual(await look(), ["x"]);
  assert.deepEqual(calls, ["open a*", "close a*", "open c*", "close c*"]);
});
