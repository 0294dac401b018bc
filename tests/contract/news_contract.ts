/** What every board of news must do, whatever it is kept in. */
import assert from "node:assert/strict";
import type { InstanceNews } from "../../src/coordinate/news.ts";
import type { DefineFleetTest, FleetUnderTest } from "../support/fleets.ts";

/** Also how long what is told stays in a Redis after the test. */
const LONG_MS = 60_000;

const NEWS: InstanceNews = {
  owner: "host-a/1 \u00e4",
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
    assert.deepEqual(await other.news.read([NEWS.owner, "nobody"]), [NEWS]);
    assert.deepEqual(await one.news.read(["host-b"]), [{ owner: "host-b", streams: [] }]);
    assert.deepEqual(await one.news.read([]), []);
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
