import assert from "node:assert/strict";
import { createFileChanges } from "../../../../src/coordinate/file/file_changes.ts";
import { createFileLeaseStore } from "../../../../src/coordinate/file/file_leases.ts";
import type { LeaseStore } from "../../../../src/coordinate/lease/lease_store.ts";
import { systemRandom } from "../../../../src/support/random.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const A = { owner: "a", instance: "a", since: "" };
const B = { owner: "b", instance: "b", since: "" };
const TTL_MS = 1000;

async function withStore(
  run: (store: LeaseStore, clock: VirtualClock, folder: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    const clock = new VirtualClock();
    const changes = createFileChanges(root, systemRandom);
    const folder = `${root}/leases`;
    const options = { clock, random: systemRandom, changes };
    await run(createFileLeaseStore(folder, options), clock, folder);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("createFileLeaseStore keeps one readable file for a stream, also when it is released", () =>
  withStore(async (store, clock, folder) => {
    for (const generation of [1, 2, 3]) {
      assert.equal(await store.take("database.shop", A, TTL_MS), generation);
      assert.equal(await store.release("database.shop", { ...A, generation }), true);
    }
    assert.deepEqual(names(`${folder}/database.shop`), ["0000000003.json"]);
    assert.equal(await store.take("database.shop", B, TTL_MS), 4);
    const text = await Deno.readTextFile(`${folder}/database.shop/0000000004.json`);
    const endMs = clock.wallMs() + TTL_MS;
    assert.deepEqual(JSON.parse(text), { ...B, generation: 4, stream: "database.shop", endMs });
  }));

Deno.test("createFileLeaseStore takes a deleted file for a lease that is over", () =>
  withStore(async (store, _, folder) => {
    await store.take("x", A, TTL_MS);
    await Deno.remove(`${folder}/x`, { recursive: true });
    assert.equal(await store.refresh("x", { ...A, generation: 1 }, TTL_MS), "gone");
    assert.deepEqual(await store.list(), []);
    assert.equal(await store.take("x", B, TTL_MS), 1);
  }));

Deno.test("createFileLeaseStore takes a file that is cut off for a lease that is over", () =>
  withStore(async (store, _, folder) => {
    await store.take("x", A, TTL_MS);
    await Deno.writeTextFile(`${folder}/x/0000000001.json`, '{"owner":"a","gen');
    assert.deepEqual(await store.list(), []);
    assert.equal(await store.take("x", B, TTL_MS), 2);
  }));

Deno.test("createFileLeaseStore refreshes nothing that has expired, or was taken", () =>
  withStore(async (store, clock) => {
    await store.take("x", A, TTL_MS);
    await clock.advance(TTL_MS);
    assert.equal(await store.refresh("x", { ...A, generation: 1 }, TTL_MS), "gone");
    assert.equal(await store.take("x", B, TTL_MS), 2);
    assert.equal(await store.refresh("x", { ...A, generation: 1 }, TTL_MS), "taken");
    assert.equal(await store.refresh("x", { ...B, generation: 2 }, TTL_MS), "refreshed");
  }));

Deno.test("a file of a lower generation that comes late takes nothing from the holder", () =>
  withStore(async (store, _, folder) => {
    await store.take("x", A, TTL_MS);
    await store.release("x", { ...A, generation: 1 });
    await store.take("x", B, TTL_MS);
    // As if a slow taker had created the first generation again, after it was removed.
    const late = { ...A, generation: 1, stream: "x", endMs: Number.MAX_SAFE_INTEGER };
    await Deno.writeTextFile(`${folder}/x/0000000001.json`, JSON.stringify(late));
    assert.deepEqual((await store.list()).map(({ owner }) => owner), ["b"]);
    assert.equal(await store.refresh("x", { ...A, generation: 1 }, TTL_MS), "taken");
    assert.equal(await store.refresh("x", { ...B, generation: 2 }, TTL_MS), "refreshed");
  }));
