/** The status page as a person sees it: in a real Chromium, by its accessibility tree and by its keyboard. */
import assert from "node:assert/strict";
import type { FleetView } from "../../src/coordinate/fleet_view.ts";
import type { Monitor } from "../../src/observe/monitor.ts";
import { startHttp } from "../../src/observe/http/http_server.ts";
import { systemClock } from "../../src/support/clock.ts";
import { type Page, type View, withPage } from "../support/chromium.ts";
import {
  batchDurable,
  CARTS,
  newMonitor,
  objectStored,
  ORDERS,
  readingEvents,
  secondsAgo,
} from "../support/monitor.ts";
import { LOW_CONTRAST, TOO_WIDE } from "../support/page_checks.ts";
import type { VirtualClock } from "../support/virtual_clock.ts";

const TOKEN = "correct-horse";
const DESKTOP: View = { width: 1280, height: 900 };
const PHONE: View = { width: 390, height: 844 };

interface World {
  readonly monitor: Monitor;
  readonly clock: VirtualClock;
  readonly page: Page;
  readonly orders: readonly string[];
  readonly stopServer: () => Promise<void>;
}

async function withWorld(
  view: View,
  prepare: (monitor: Monitor, clock: VirtualClock) => void,
  use: (world: World) => Promise<void>,
  token?: string,
  fleet?: FleetView,
): Promise<void> {
  const { monitor, clock } = newMonitor(
    fleet === undefined ? {} : {
      fleet: { tell: () => Promise.resolve(), view: () => Promise.resolve(fleet) },
    },
  );
  await using _ = monitor;
  await clock.settle();
  monitor.setPhase("running");
  prepare(monitor, clock);
  const orders: string[] = [];
  const server = await startHttp({
    address: { host: "127.0.0.1", port: 0, ...(token === undefined ? {} : { token }) },
    monitor,
    act: (action, stream) => {
      orders.push(`${action} ${stream}`);
      return Promise.resolve("done");
    },
    clock: systemClock,
  });
  let stopped: Promise<void> | undefined;
  const stopServer = () => stopped ??= Promise.resolve(server[Symbol.asyncDispose]());
  try {
    const url = `http://127.0.0.1:${server.port}/`;
    await withPage(url, view, async (page) => {
      await page.until(`document.getElementById("connection").textContent === "live"`);
      await use({ monitor, clock, page, orders, stopServer });
    });
  } finally {
    await stopServer();
  }
}

function twoStreams(monitor: Monitor, clock: VirtualClock): void {
  for (const stream of [ORDERS, CARTS]) {
    for (const event of readingEvents(clock)) monitor.pipelineEvent(stream, event);
  }
  monitor.pipelineEvent(ORDERS, objectStored("shop", "orders"));
  monitor.pipelineEvent(ORDERS, batchDurable(secondsAgo(clock, 4)));
}

const text = (selector: string) => `document.querySelector(${JSON.stringify(selector)}).innerText`;

Deno.test("the page shows streams, services and instances, and breaks no rule of its policy", async () => {
  await withWorld(DESKTOP, twoStreams, async ({ page }) => {
    const names = await page.evaluate<string[]>(
      `[...document.querySelectorAll("#rows th")].map((th) => th.innerText)`,
    );
    assert.deepEqual(names, ["collection:shop.carts", "collection:shop.orders"]);
    assert.match(
      await page.evaluate(text("#rows tr:last-child")),
      /running[^]*4 s[^]*4 s[^]*host-1/,
    );
    await page.evaluate(`document.querySelector("#rows tr:last-child button.name").click()`);
    assert.match(await page.evaluate(text("#rows tr.more")), /1\.parquet[^]*3 events, 500 B/);
    assert.match(await page.evaluate(text("#services")), /MongoDB[^]*healthy[^]*Destination/);
    assert.match(
      await page.evaluate(text("#instances")),
      /host-1[^]*this one, 2 streams, version 1\.2\.3, up for 0 s[^]*running/,
    );
    assert.equal(await page.evaluate("document.title"), "tributary lake/shop");
    assert.deepEqual(page.complaints, []);
  });
});

Deno.test("the page shows other instances' streams as these tell of them, and flushes them too", async () => {
  const at = "2026-11-21T00:00:00.000Z";
  const counts = { events: 900, objects: 9, bytes: 90, deadLetters: 0, paused: false };
  const news = { key: CARTS.key, readEvents: 7, bufferedEvents: 2, lagMs: 3000 };
  const lastObject = { key: "db=shop/coll=carts/9.parquet", rows: 30, bytes: 500, at };
  const error = { message: "Cannot put y: 503", at };
  const remote = { ...counts, owner: "host-2-77", instance: "host-2" };
  const fleet: FleetView = {
    instances: [],
    streams: [
      { ...CARTS, ...remote, news: { ...news, condition: "running", lastObject } },
      { ...remote, key: "z", name: "z", news: { ...news, key: "z", condition: "waiting", error } },
    ],
  };
  const view = { ...DESKTOP, authorization: `Basic ${btoa(`me:${TOKEN}`)}` };
  await withWorld(
    view,
    () => {},
    async ({ page, orders }) => {
      const [waiting, carts] = ["#rows tr:first-child", "#rows tr:last-child"] as const;
      assert.match(await page.evaluate(text(waiting)), /z[^]*trying again/);
      assert.match(await page.evaluate(text("#causes")), /z waits[^]*Cannot put y: 503/);
      assert.match(await page.evaluate(text(carts)), /carts[^]*running[^]*3 s[^]*host-2/);
      await page.evaluate(`document.querySelector("${carts} td.orders button:last-child").click()`);
      await page.evaluate(`document.querySelector("${carts} button.name").click()`);
      const more = await page.evaluate<string>(text("tr.more"));
      assert.match(more, /9\.parquet[^]*30 events, 500 B/);
      await page.until(
        `document.getElementById("announcement").textContent.includes("Done: flush")`,
      );
      assert.deepEqual(orders, [`flush ${CARTS.name}`]);
    },
    TOKEN,
    fleet,
  );
});

Deno.test("the page follows what happens without being loaded again", async () => {
  await withWorld(DESKTOP, twoStreams, async ({ page, monitor }) => {
    const error = "Cannot put x: access denied";
    monitor.pipelineEvent(ORDERS, { type: "stream-failed", error, permanent: true, retryMs: 1 });
    await page.until(`document.getElementById("causes").innerText.includes("access denied")`);
    assert.match(await page.evaluate(text("#rows tr")), /^collection:shop.orders[^]*failed/);
    assert.equal(await page.evaluate(text("#status")), "1 problem");
    const announced = await page.evaluate(`document.getElementById("announcement").textContent`);
    assert.match(
      announced as string,
      /^Status degraded\. .*orders cannot go on: Cannot put x: access denied\.$/,
    );
    monitor.pipelineEvent(ORDERS, { type: "stream-stopped" });
    monitor.coordinateEvent({ type: "failing-changed", streams: [] });
    await page.until(`document.querySelectorAll("#rows tr").length === 1`);
    assert.equal(await page.evaluate(`document.getElementById("causes").hidden`), true);
  });
});

Deno.test("the page is a table to a screen reader, on a phone too, where nothing is cut off", async () => {
  for (const view of [DESKTOP, PHONE, { width: 820, height: 1000 }]) {
    const authorization = `Basic ${btoa(`me:${TOKEN}`)}`;
    await withWorld({ ...view, authorization }, twoStreams, async ({ page }) => {
      const roles = await page.evaluate<string[]>(
        `[...document.querySelectorAll("#table, #table [role]")].map((e) => e.getAttribute("role"))`,
      );
      const count = (role: string) => roles.filter((each) => each === role).length;
      assert.deepEqual([count("table"), count("row"), count("columnheader")], [1, 3, 9]);
      assert.deepEqual([count("rowheader"), count("cell")], [2, 16]);
      const live = `document.getElementById("announcement").getAttribute("aria-live")`;
      assert.equal(await page.evaluate(live), "polite");
      const wide = await page.evaluate<string[]>(TOO_WIDE);
      assert.deepEqual(wide, []);
    }, TOKEN);
  }
});

Deno.test("the page is dark where people want it so, with contrast by day and by night", async () => {
  const grounds: string[] = [];
  for (const dark of [false, true]) {
    await withWorld({ ...DESKTOP, dark }, twoStreams, async ({ page }) => {
      grounds.push(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
      const low = await page.evaluate<string[]>(LOW_CONTRAST);
      assert.deepEqual(low, []);
      assert.ok((await page.screenshot()).length > 10_000);
    });
  }
  assert.deepEqual(grounds, ["rgb(245, 247, 246)", "rgb(15, 21, 20)"]);
});

Deno.test("the page says what it means that there are no streams", async () => {
  await withWorld(PHONE, () => {}, async ({ page }) => {
    assert.match(await page.evaluate(text("#empty")), /^There are no streams yet/);
    assert.equal(await page.evaluate(`document.getElementById("table").hidden`), true);
  });
});

Deno.test("the page says that it lost the connection, and since when it shows the past", async () => {
  await withWorld(DESKTOP, twoStreams, async ({ page, stopServer }) => {
    await stopServer();
    await page.until(`document.getElementById("connection").textContent === "disconnected"`);
    const notice = await page.evaluate<string>(text("#notice"));
    assert.match(
      notice,
      /^Disconnected since \d\d:\d\d:\d\d, trying again\. What you see is from .*\d\d:\d\d:\d\d;/,
    );
    assert.equal(await page.evaluate(text("#status")), "not known");
    assert.match(await page.evaluate("document.title"), /^Disconnected - /);
    assert.equal(await page.evaluate(`document.body.classList.contains("stale")`), true);
  });
});

Deno.test("the page gives orders with the token alone, also by keyboard", async () => {
  await withWorld(DESKTOP, twoStreams, async ({ page }) => {
    const shown = `document.querySelector("#rows .orders button").checkVisibility()`;
    assert.equal(await page.evaluate(shown), false);
  });
  const view = { ...DESKTOP, authorization: `Basic ${btoa(`me:${TOKEN}`)}` };
  await withWorld(view, twoStreams, async ({ page, orders }) => {
    const focused = `document.activeElement.getAttribute("aria-label")`;
    const isOrder = `document.activeElement.closest(".orders") !== null`;
    for (let i = 0; i < 30 && !await page.evaluate(isOrder); i++) await page.press("Tab");
    assert.equal(await page.evaluate(focused), "Pause collection:shop.carts");
    await page.press("Enter");
    await page.until(`document.getElementById("announcement").textContent.includes("Done: pause")`);
    assert.deepEqual(orders, ["pause collection:shop.carts"]);
    assert.deepEqual(page.complaints, []);
  }, TOKEN);
});
