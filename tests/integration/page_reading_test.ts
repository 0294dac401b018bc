/** How the status page says by which change streams streams are read, in a real Chromium. */
import assert from "node:assert/strict";
import {
  readersByName,
  type ReadingFacts,
  statusReading,
} from "../../src/observe/status/reading.ts";
import type { Status } from "../../src/observe/status/status.ts";
import { type Page, type View, withPage } from "../support/chromium.ts";
import { madeUpStatus, madeUpStream } from "../support/made_up_status.ts";
import { LOW_CONTRAST, TOO_WIDE } from "../support/page_checks.ts";
import { serveStatusPage } from "../support/status_page.ts";

const DESKTOP: View = { width: 1280, height: 900 };
const PHONE: View = { width: 390, height: 844 };

/** The status of one instance with so many streams, of which the first are read alone for these reasons. */
function statusOf(count: number, reasons: readonly string[], databases = 1): Status {
  const streams = Array.from({ length: count }, (_, n) => madeUpStream(n));
  const names = streams.map(({ name }) => name);
  const alone = reasons.map((reason, i) =>
    ({ form: "collection", members: [names[i]!], alone: reason }) as const
  );
  const others = names.slice(reasons.length);
  const each = Math.ceil(others.length / databases);
  const shared = Array.from({ length: databases }, (_, i) => ({
    form: databases === 1 ? "database shop" : `database shop_${i}`,
    members: others.slice(i * each, (i + 1) * each),
  }));
  const facts: ReadingFacts = { readers: [...shared, ...alone], waiting: [] };
  const readers = readersByName(facts);
  const status = madeUpStatus({
    streams: streams.map((stream) => {
      const reader = readers.get(stream.name);
      return reader === undefined ? stream : { ...stream, reader };
    }),
    differs: { reading: statusReading(facts) },
  });
  return {
    ...status,
    instances: status.instances.map((each) =>
      each.self ? { ...each, changeStreams: facts.readers.length } : each
    ),
  };
}

async function withStatus(
  status: Status,
  view: View,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  await using server = await serveStatusPage({ status: () => status });
  await withPage(server.url, view, async (page) => {
    await page.until(`document.getElementById("connection").textContent === "live"`);
    await page.evaluate(`document.getElementById("reading").open = true`);
    await use(page);
    assert.deepEqual(page.complaints, []);
  });
}

const shown = (id: string) => `document.getElementById("${id}").innerText`;

Deno.test("the page says how many change streams there are, and for a stream what it is read by", async () => {
  await withStatus(statusOf(4, []), DESKTOP, async (page) => {
    assert.equal(
      await page.evaluate(shown("reading-note")),
      "4 streams of this instance are read by 1",
    );
    assert.match(await page.evaluate(shown("reader-list")), /^Database shop\s+4 streams$/);
    assert.match(
      await page.evaluate(shown("instances")),
      /^tributary-0\s+this one, .*, 1 change stream$/m,
    );
    await page.evaluate(`document.querySelector("#rows button.name").click()`);
    assert.match(
      await page.evaluate(`document.querySelector("tr.more").innerText`),
      /Read by\s+one change stream with 3 others, of the database shop/i,
    );
  });
});

Deno.test("the page says who is read alone and why, of hundreds in a few lines", async () => {
  const slow = Array.from({ length: 12 }, () => "slow");
  const status = statusOf(400, [...slow, "behind", "rights"], 20);
  for (const view of [DESKTOP, PHONE, { ...DESKTOP, dark: true }]) {
    await withStatus(status, view, async (page) => {
      assert.equal(
        await page.evaluate(shown("reading-note")),
        "400 streams of this instance are read by 34, 14 alone",
      );
      const lines = await page.evaluate<string[]>(
        `[...document.querySelectorAll("#reader-list li")].map((li) => li.innerText.replace(/\\s+/g, " "))`,
      );
      assert.equal(lines.length, 12);
      assert.match(lines[8]!, /^12 more \d+ streams$/);
      assert.match(
        lines[9]!,
        /^shop\.\S+, shop\.\S+, shop\.\S+ and 9 more each because it takes its/,
      );
      assert.match(lines[10]!, /^shop\.\S+ because it is far behind .* alone$/);
      assert.deepEqual(await page.evaluate(TOO_WIDE), []);
      assert.deepEqual(await page.evaluate(LOW_CONTRAST), []);
    });
  }
});

Deno.test("the page of an instance of an older version says nothing of change streams", async () => {
  const { reading: _, ...older } = statusOf(2, []);
  await withStatus(older as Status, DESKTOP, async (page) => {
    assert.equal(await page.evaluate(`document.getElementById("reading").hidden`), true);
  });
});
