/** What every board of news must do, whatever it is kept in. */
import assert from "node:assert/strict";
import type { InstanceNews, News } from "../../src/coordinate/news.ts";
import type { DefineFleetTest, FleetUnderTest } from "../support/fleets.ts";

/** Also how long what is told stays in a Redis after the test. */
const LONG_MS = 60_000;

const NEWS: InstanceNews = {
  owner: "host-a/1 \u00e4",
  everyMs: 5000,
  streams: [{
    key: "collection.shop.orders",
    condition: "running",
    lagMs: 12,
    readEvents: 7,
    bufferedEvents: 1,
    lastObject: {
      key: "db=shop/\u00e4.parquet",
      rows: 3,
      bytes: 500,
      at: "2026-11-21T00:00:00.000Z",
    },
    error: { message: "two\nlines", at: "2026-11-21T00:00:00.000Z" },
  }],
};

export function testNewsContract(define: DefineFleetTest): void {
  const test = (what: string, run: (fleet: FleetUnderTest) => Promise<void>) =>
    define(`news: ${what}`, async (fleet) => {
      await run(fleet);
    });

  test("others read what was told last, of those they ask for", async ({ one, other }) => {
    assert.deepEqual(await other.news.read([NEWS.owner]), []);
    await one.news.tell({ ...NEWS, streams: [] }, LONG_MS);
    await one.news.tell(NEWS, LONG_MS);
    await other.news.tell({ owner: "host-b", streams: [] }, LONG_MS);
    assert.deepEqual(await said(other.news, [NEWS.owner, "nobody"]), [NEWS]);
    assert.deepEqual(await said(one.news, ["host-b"]), [{ owner: "host-b", streams: [] }]);
    assert.deepEqual(await one.news.read([]), []);
  });

  test("how long ago something was told grows until it is told anew", async ({ one, other }) => {
    const ageMs = async () => (await other.news.read([NEWS.owner]))[0]!.ageMs!;
    await one.news.tell(NEWS, LONG_MS);
    const firstMs = await ageMs();
    assert.ok(firstMs >= 0 && firstMs < LONG_MS, `${firstMs}`);
    let laterMs = firstMs;
    while (laterMs <= firstMs + 50) laterMs = await ageMs();
    await one.news.tell(NEWS, LONG_MS);
    while (laterMs <= await ageMs()) await one.news.tell(NEWS, LONG_MS);
  });

  test("what is not told again is forgotten", async ({ one, other, shortMs = 20 }) => {
    await one.news.tell(NEWS, LONG_MS);
    await one.news.tell(NEWS, shortMs);
    for (let left = 1; left > 0;) left = (await other.news.read([NEWS.owner])).length;
  });

  test("telling wakes nobody", async ({ one, other }) => {
    const before = await other.changes();
    await one.news.tell(NEWS, LONG_MS);
    assert.equal(await other.changes(), before);
  });
}

/** Without how long ago it was. */
async function said(news: News, owners: readonly string[]): Promise<InstanceNews[]> {
  return (await news.read(owners)).map(({ ageMs: _, ...told }) => told);
}
