/** How the status page shows tables, in a real Chromium. */
import assert from "node:assert/strict";
import type { StatusTable } from "../../src/observe/status/status.ts";
import { type View, withPage } from "../support/chromium.ts";
import { madeUpStatus, madeUpStream } from "../support/made_up_status.ts";
import { LOW_CONTRAST, TOO_WIDE } from "../support/page_checks.ts";
import { serveStatusPage } from "../support/status_page.ts";

const VIEWS: Readonly<Record<string, View>> = {
  desktop: { width: 1280, height: 900 },
  phone: { width: 390, height: 844 },
};

function tableNumber(n: number): StatusTable {
  const name = `shop.collection_${n}`;
  const url = `s3://lake/shop/db=shop/coll=collection_${n}/`;
  return { name, format: "delta", url, version: n, lagSeconds: 12, fault: null };
}

const FAULT =
  'Cannot write the table in "db=shop/coll=collection_24/": somebody else has made it; ' +
  "move its _delta_log away, or leave this collection without a table";

for (const [name, view] of Object.entries(VIEWS)) {
  Deno.test(`the page lists tables, those that were stopped first, on a ${name}`, async () => {
    const tables = Array.from({ length: 25 }, (_, n) => tableNumber(n));
    tables[24] = { ...tables[24]!, fault: FAULT };
    const status = madeUpStatus({ streams: [madeUpStream(0)], differs: { tables } });
    await using server = await serveStatusPage({ status: () => status });
    await withPage(server.url, view, async (page) => {
      await page.until(`document.getElementById("connection").textContent === "live"`);
      const text = await page.evaluate(`document.getElementById("table-list").innerText`);
      const [first = ""] = String(text).split("shop.collection_0");
      assert.match(first, /shop\.collection_24[^]*stopped[^]*somebody else has made it/);
      assert.match(
        String(text),
        /shop\.collection_3\s+delta, version 3, has everything up to 12 s ago\s+follows/,
      );
      assert.match(String(text), /5 more\s+\/status has all of them/);
      for (const check of [LOW_CONTRAST, TOO_WIDE]) {
        assert.deepEqual(await page.evaluate(check), []);
      }
      assert.deepEqual(page.complaints, []);
    });
  });
}

Deno.test("the page of an instance that keeps no tables has no place for them", async () => {
  const status = madeUpStatus({ streams: [madeUpStream(0)] });
  await using server = await serveStatusPage({ status: () => status });
  await withPage(server.url, VIEWS["desktop"]!, async (page) => {
    await page.until(`document.getElementById("connection").textContent === "live"`);
    assert.equal(await page.evaluate(`document.getElementById("tables").hidden`), true);
  });
});
