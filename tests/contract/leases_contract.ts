/** What every lease store must do, whatever it keeps leases in. */
import assert from "node:assert/strict";
import type { LeaseHolder, LeaseStore } from "../../src/coordinate/lease/lease_store.ts";
import type { DefineFleetTest, FleetUnderTest } from "../support/fleets.ts";

const LONG_MS = 600_000;

const STREAM = "collection.shop.orders.e1.2of4";

function holder(owner: string): LeaseHolder {
  return { owner, instance: `${owner}'s name`, since: "2026-11-21T00:00:00.000Z" };
}

const A = holder("host-a-1");
const B = holder("host-b-2");

interface UnderTest {
  readonly store: LeaseStore;
  /** The same leases as another instance sees them. */
  readonly other: LeaseStore;
  readonly changes: () => Promise<string>;
  /** Is over while the test waits for it. */
  readonly shortMs: number;
}

export function testLeasesContract(define: DefineFleetTest): void {
  const test: Define = (what, run) =>
    define(
      `leases: ${what}`,
      ({ one, other, shortMs = 20 }: FleetUnderTest) =>
        run({ store: one.leases, other: other.leases, changes: () => one.changes(), shortMs }),
    );
  testTaking(test);
  testRefreshing(test);
  testEnding(test);
}

type Define = (what: string, run: (under: UnderTest) => Promise<void>) => void;

/** Who gets a lease, and when it is free again. */
function testTaking(test: Define): void {
  test("a lease is given to one, until it is released", async ({ store, other }) => {
    const generation = await store.take(STREAM, A, LONG_MS);
    assert.equal(generation, 1);
    assert.equal(await other.take(STREAM, B, LONG_MS), undefined);
    assert.equal(await other.take("database.shop", B, LONG_MS), 1);
    assert.equal(await store.release(STREAM, { ...A, generation }), true);
    assert.equal(await other.take(STREAM, B, LONG_MS), 2);
  });

  test("of many who want a free lease one gets it", async ({ store, other }) => {
    const owners = Array.from({ length: 20 }, (_, i) => holder(`host-${i}`));
    const answers = await Promise.all(
      owners.map((owner, i) => (i % 2 === 0 ? store : other).take(STREAM, owner, LONG_MS)),
    );
    const winners = owners.filter((_, i) => answers[i] !== undefined);
    assert.equal(winners.length, 1);
    assert.deepEqual((await store.list()).map(({ owner }) => owner), [winners[0]!.owner]);
  });

  test("a lease that is not refreshed becomes free, with a higher generation", async (under) => {
    const { store, other, shortMs } = under;
    assert.equal(await store.take(STREAM, A, shortMs), 1);
    assert.equal(await takeAtLast(other, B), 2);
    assert.notEqual(await store.refresh(STREAM, { ...A, generation: 1 }, LONG_MS), "refreshed");
  });
}

/** Who keeps a lease. */
function testRefreshing(test: Define): void {
  test("a refresh lets a lease live on", async ({ store, other }) => {
    const generation = (await store.take(STREAM, A, LONG_MS / 2))!;
    assert.equal(await store.refresh(STREAM, { ...A, generation }, LONG_MS), "refreshed");
    const [lease] = await other.list();
    assert(lease!.leftMs > LONG_MS / 2 && lease!.leftMs <= LONG_MS, String(lease!.leftMs));
    assert.equal(await other.take(STREAM, B, LONG_MS), undefined);
  });

  test("a refresh can make the time that is left shorter", async ({ store, other, shortMs }) => {
    const generation = (await store.take(STREAM, A, LONG_MS))!;
    assert.equal(await store.refresh(STREAM, { ...A, generation }, shortMs), "refreshed");
    assert.equal(await takeAtLast(other, B), 2);
  });

  test("nobody refreshes or releases what another one holds", async ({ store, other }) => {
    const generation = (await store.take(STREAM, A, LONG_MS))!;
    assert.equal(await other.refresh(STREAM, { ...B, generation }, LONG_MS), "taken");
    assert.equal(await other.release(STREAM, { ...B, generation }), false);
    assert.equal(await store.refresh(STREAM, { ...A, generation }, LONG_MS), "refreshed");
  });

  test("an owner of an earlier generation has lost the lease", async ({ store }) => {
    assert.equal(await store.take(STREAM, A, LONG_MS), 1);
    assert.equal(await store.release(STREAM, { ...A, generation: 1 }), true);
    assert.equal(await store.take(STREAM, A, LONG_MS), 2);
    assert.equal(await store.refresh(STREAM, { ...A, generation: 1 }, LONG_MS), "taken");
    assert.equal(await store.release(STREAM, { ...A, generation: 1 }), false);
    assert.equal(await store.refresh(STREAM, { ...A, generation: 2 }, LONG_MS), "refreshed");
  });

  test("an owner whose answer was lost takes its lease again", async ({ store }) => {
    assert.equal(await store.take(STREAM, A, LONG_MS), 1);
    assert.equal(await store.take(STREAM, A, LONG_MS), 2);
    assert.equal(await store.refresh(STREAM, { ...A, generation: 2 }, LONG_MS), "refreshed");
  });
}

/** How a lease ends, and what others see of it. */
function testEnding(test: Define): void {
  test("a person ends a lease, and its holder learns of it", async ({ store, other }) => {
    assert.equal(await other.releaseAny(STREAM), false);
    const generation = (await store.take(STREAM, A, LONG_MS))!;
    assert.equal(await other.releaseAny(STREAM), true);
    assert.deepEqual(await store.list(), []);
    assert.notEqual(await store.refresh(STREAM, { ...A, generation }, LONG_MS), "refreshed");
    assert.notEqual(await other.take(STREAM, B, LONG_MS), undefined);
    assert.notEqual(await store.refresh(STREAM, { ...A, generation }, LONG_MS), "refreshed");
    assert.equal(await store.release(STREAM, { ...A, generation }), false);
  });

  test("a release is gone for good", async ({ store }) => {
    const claim = { ...A, generation: (await store.take(STREAM, A, LONG_MS))! };
    assert.equal(await store.release(STREAM, claim), true);
    assert.equal(await store.refresh(STREAM, claim, LONG_MS), "gone");
    assert.equal(await store.release(STREAM, claim), false);
    assert.deepEqual(await store.list(), []);
  });

  test("a lease of the same generation that was taken at another time is another one", async ({ store }) => {
    const generation = (await store.take(STREAM, A, LONG_MS))!;
    // As before the store forgot everything: its release may have been on its way since.
    const earlier = { ...A, generation, since: "2026-11-20T23:59:59.000Z" };
    assert.equal(await store.release(STREAM, earlier), false);
    assert.notEqual(await store.refresh(STREAM, earlier, LONG_MS), "refreshed");
    assert.deepEqual((await store.list()).map(({ since }) => since), [A.since]);
    assert.equal(await store.release(STREAM, { ...A, generation }), true);
  });

  test("the list shows who holds what, in order", async ({ store, other }) => {
    const odd = `collection.${"ä".repeat(40)}.x%2Fy`;
    await store.take(STREAM, A, LONG_MS);
    await other.take("database.shop", B, LONG_MS);
    await other.take(odd, B, LONG_MS);
    const leases = (await store.list()).map(({ leftMs, ...lease }) => {
      assert(leftMs > 0 && leftMs <= LONG_MS, String(leftMs));
      return lease;
    });
    assert.deepEqual(leases, [
      { stream: STREAM, generation: 1, ...A },
      { stream: odd, generation: 1, ...B },
      { stream: "database.shop", generation: 1, ...B },
    ]);
  });

  test("a release is news to those who wait for the lease", async ({ store, changes }) => {
    const claim = { ...A, generation: (await store.take(STREAM, A, LONG_MS))! };
    const before = await changes();
    await store.refresh(STREAM, claim, LONG_MS);
    assert.equal(await changes(), before);
    await store.release(STREAM, claim);
    assert.notEqual(await changes(), before);
  });
}

/** Asks until the lease is free. */
async function takeAtLast(store: LeaseStore, holder: LeaseHolder): Promise<number> {
  for (;;) {
    const generation = await store.take(STREAM, holder, LONG_MS);
    if (generation !== undefined) return generation;
  }
}
