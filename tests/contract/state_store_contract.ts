import assert from "node:assert/strict";
import type { StateStore, StreamState } from "../../src/pipeline/ports.ts";

/** A fresh, empty state store, and what must be cleaned up after it. */
export interface StateStoreUnderTest extends AsyncDisposable {
  readonly store: StateStore;
  /** A second store over the same states, as another process would have; absent where nothing is shared. */
  readonly other?: StateStore;
}

/** The suite every state store passes. */
export function testStateStoreContract(
  name: string,
  open: () => Promise<StateStoreUnderTest>,
): void {
  Deno.test(`${name}: save then load gives the state back, every field of it`, async () => {
    await using under = await open();
    const odd = {
      ...state(7),
      stream: "collection:größe.a/../\u{1F98A} 2/4",
      lake: "5f0c2a91",
      position: {
        operationTime: { t: 4294967295, i: 4294967295 },
        data: "82691F7DD000000001",
        typeBits: "gAE=",
        invalidate: true,
      } as const,
      events: Number.MAX_SAFE_INTEGER,
    };
    for (const each of [state(1), odd]) {
      await under.store.save("collection.gr%C3%B6sse.a%2Fb.e1.2of4", each);
      assert.deepEqual(await under.store.load("collection.gr%C3%B6sse.a%2Fb.e1.2of4"), each);
    }
  });

  Deno.test(`${name}: load of an unknown stream is undefined and list is empty`, async () => {
    await using under = await open();
    assert.equal(await under.store.load("deployment"), undefined);
    assert.deepEqual(await under.store.list(), new Map());
  });

  Deno.test(`${name}: a lower seq never replaces a higher one, an equal one does`, async () => {
    await using under = await open();
    await under.store.save("deployment", state(10));
    await under.store.save("deployment", state(9));
    assert.deepEqual(await under.store.load("deployment"), state(10));
    const again = { ...state(10), updatedAt: "2026-11-20T18:00:00.000Z" };
    await under.store.save("deployment", again);
    assert.deepEqual(await under.store.load("deployment"), again);
    await under.store.save("deployment", state(100));
    assert.deepEqual(await under.store.load("deployment"), state(100));
  });

  Deno.test(`${name}: list names the states of all streams`, async () => {
    await using under = await open();
    const keys = ["collection.shop.orders", "collection.shop.orders.e1.1of2", "database.x%2Ey"];
    for (const [index, key] of keys.entries()) await under.store.save(key, state(index));
    const listed = await under.store.list();
    assert.deepEqual([...listed.keys()].sort(), keys);
    for (const [index, key] of keys.entries()) assert.deepEqual(listed.get(key), state(index));
  });

  Deno.test(`${name}: of saves at the same time the highest seq stays`, async () => {
    await using under = await open();
    const stores = [under.store, under.other ?? under.store];
    const seqs = [3, 9, 1, 12, 5, 2, 11, 8, 4, 10, 7, 6];
    await Promise.all(
      seqs.map((seq, index) => stores[index % 2]!.save("deployment", state(seq))),
    );
    for (const store of stores) assert.deepEqual(await store.load("deployment"), state(12));
  });

  Deno.test(`${name}: a saved state does not change with the object it came from`, async () => {
    await using under = await open();
    const mine = { ...state(1) };
    await under.store.save("deployment", mine);
    mine.events = -5;
    assert.deepEqual(await under.store.load("deployment"), state(1));
  });
}

/** A state at this seq. */
export function state(seq: number): StreamState {
  return {
    stream: "deployment",
    seq,
    position: { operationTime: { t: 1763690000, i: seq }, data: "" },
    generation: 3,
    owner: "host-0b9d2a57",
    events: 1000 * seq,
    objects: 2 * seq,
    bytes: 65536 * seq,
    deadLetters: 0,
    updatedAt: "2026-11-20T17:00:00.000Z",
  };
}
