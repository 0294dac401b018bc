/** The status page in bad times, and of many streams: in a real Chromium, of statuses that are made up. */
import assert from "node:assert/strict";
import type { Cause } from "../../src/observe/status/cause_facts.ts";
import { LogTail } from "../../src/observe/log/log_tail.ts";
import type { Status } from "../../src/observe/status/status.ts";
import type { StatusStream } from "../../src/observe/status/status_streams.ts";
import { type Page, type View, withPage } from "../support/chromium.ts";
import { madeUpStatus, madeUpStream, madeUpTime } from "../support/made_up_status.ts";
import { LOW_CONTRAST, TOO_WIDE } from "../support/page_checks.ts";
import { serveStatusPage, type StatusPage } from "../support/status_page.ts";

const DESKTOP: View = { width: 1280, height: 900 };
const PHONE: View = { width: 390, height: 844 };
const PHONE_PIXELS_MAX = 2500;

interface Scene {
  status: Status;
  readonly page: Page;
  readonly server: StatusPage;
}

async function withScene(
  view: View,
  status: Status,
  use: (scene: Scene) => Promise<void>,
  { hash = "", logTail = new LogTail() } = {},
): Promise<void> {
  const world = { status };
  await using server = await serveStatusPage({ status: () => world.status, logTail });
  await withPage(server.url + hash, view, async (page) => {
    await page.until(IS_LIVE);
    await use(Object.assign(world, { page, server }));
  });
}

const IS_LIVE = `document.getElementById("connection").textContent === "live"`;
const text = (selector: string) => `document.querySelector(${JSON.stringify(selector)}).innerText`;
const click = (selector: string) => `document.querySelector(${JSON.stringify(selector)}).click()`;

function streams(count: number, differs: Partial<StatusStream> = {}): StatusStream[] {
  return Array.from({ length: count }, (_, n) => madeUpStream(n, differs));
}

/** MongoDB is away, and all streams wait for it. */
function mongodbAway(count: number): Status {
  const message = "connect ECONNREFUSED 10.0.0.9:27017: no primary";
  const error = { message, at: madeUpTime(20), since: madeUpTime(740) };
  const all = streams(count, { condition: "waiting", lagSeconds: 740, lakeLagSeconds: 750, error });
  const cause: Cause = {
    ...{ id: "mongodb-away", severity: "critical", since: madeUpTime(740) },
    text: `MongoDB does not answer: ${message}.`,
    next: "See whether its servers run: `tributary check`.",
    streams: all.map(({ name }) => name),
  };
  return madeUpStatus({ streams: all, causes: [cause], away: { mongodb: message } });
}

Deno.test("the page says one fault once, with the next step, however many streams it holds up", async () => {
  await withScene(DESKTOP, mongodbAway(26), async ({ page }) => {
    assert.equal(await page.evaluate(`document.querySelectorAll("#cause-list > li").length`), 1);
    const banner = await page.evaluate<string>(text("#cause-list > li"));
    assert.match(
      banner,
      /^Problem\s+MongoDB does not answer: .*no primary\.\s+since [^]*12 min ago/,
    );
    assert.match(banner, /Next: See whether its servers run: tributary check\./);
    assert.match(banner, /All 26 streams are affected/);
    assert.doesNotMatch(await page.evaluate(text("#rows")), /ECONNREFUSED/);
    assert.equal(await page.evaluate(text("#status")), "1 problem");
    assert.match(await page.evaluate("document.title"), /^MongoDB does not answer/);
    await page.evaluate(click("#cause-list summary"));
    assert.match(await page.evaluate(text("#cause-list .names")), /shop\.carts.*shop\.payments/);
    await page.evaluate(click("#cause-list details button"));
    assert.equal(await page.evaluate("location.hash"), "#show=cause%3Amongodb-away");
    assert.deepEqual(page.complaints, []);
  });
});

Deno.test("the page shows the worst of many causes, and the others when asked", async () => {
  const status = mongodbAway(3);
  const causes = Array.from({ length: 6 }, (_, n) => ({ ...status.causes[0]!, id: `c${n}` }));
  await withScene(DESKTOP, { ...status, causes }, async ({ page }) => {
    const shown =
      `[...document.querySelectorAll(".cause")].filter((e) => e.checkVisibility()).length`;
    assert.equal(await page.evaluate(shown), 3);
    assert.equal(await page.evaluate(text("#more-causes")), "Show 3 more");
    await page.evaluate(click("#more-causes"));
    assert.equal(await page.evaluate(shown), 6);
    assert.equal(await page.evaluate(text("#status")), "6 problems");
  });
});

Deno.test("the page says that all is well when it is, and takes banners away", async () => {
  await withScene(DESKTOP, mongodbAway(3), async (scene) => {
    const { page } = scene;
    assert.equal(await page.evaluate(`document.getElementById("verdict").hidden`), true);
    scene.status = madeUpStatus({ streams: streams(3) });
    await page.until(`document.getElementById("causes").hidden`);
    assert.equal(
      await page.evaluate(text("#verdict")),
      "All is well: 3 streams are read, and all that happened up to 26 s ago is in the lake.",
    );
    const opening = madeUpStream(1, { condition: "opening" });
    scene.status = madeUpStatus({ streams: [madeUpStream(0), opening, madeUpStream(2)] });
    await page.until(`${text("#verdict")}.includes("being opened")`);
    assert.equal(
      await page.evaluate(text("#verdict")),
      "2 streams are read. 1 stream is being opened.",
    );
    const held = madeUpStream(2, { condition: "elsewhere", lagSeconds: null });
    scene.status = madeUpStatus({ streams: [madeUpStream(0), opening, held] });
    await page.until(`${text("#read")} === "1"`);
  });
});

Deno.test("the page keeps order and filter through updates and when it is loaded again", async () => {
  await withScene(DESKTOP, madeUpStatus({ streams: streams(26) }), async (scene) => {
    const { page } = scene;
    await page.evaluate(click(`th[data-sort="lake"] button`));
    await page.evaluate(`(() => {
      const filter = document.getElementById("filter");
      filter.value = "CUSTOMER";
      filter.dispatchEvent(new Event("input"));
    })()`);
    const order =
      `[...document.querySelectorAll("#rows th")].map((th) => th.innerText.trim()).join()`;
    const names = (...list: string[]) => list.map((name) => `collection:shop.${name}`).join();
    const first = names("customers_2", "customer_addresses_2", "customers", "customer_addresses");
    assert.equal(await page.evaluate(order), first);
    assert.equal(await page.evaluate("location.hash"), "#find=CUSTOMER&sort=-lake");
    const later = (name: string) => name.endsWith("shop.customers") ? { lakeLagSeconds: 90 } : {};
    scene.status = madeUpStatus({
      streams: streams(26).map((stream) => ({ ...stream, ...later(stream.name) })),
    });
    await page.until(`document.querySelector("#rows th").innerText.endsWith(":shop.customers")`);
    const second = names("customers", "customers_2", "customer_addresses_2", "customer_addresses");
    assert.equal(await page.evaluate(order), second);
    await page.reload();
    await page.until(IS_LIVE);
    assert.equal(await page.evaluate(order), second);
    assert.equal(await page.evaluate(`document.getElementById("filter").value`), "CUSTOMER");
    const sorted = `[...document.querySelectorAll("th[aria-sort]")].map((th) =>
      th.dataset.sort + " " + th.getAttribute("aria-sort")).join()`;
    assert.equal(await page.evaluate(sorted), "lake descending");
    await page.evaluate(click(`th[data-sort="lake"] button`));
    assert.equal(await page.evaluate(sorted), "lake ascending");
    assert.deepEqual(page.complaints, []);
  });
});

Deno.test("the lines of rates span what is known, and tell values to pointer and keyboard", async () => {
  const all = streams(3).map((stream) => ({ ...stream, rates: [10, 20, 40] }));
  await withScene(DESKTOP, madeUpStatus({ streams: all }), async ({ page }) => {
    await page.until(`document.querySelector("#rows .line .curve[d^=M]") !== null`);
    const path = `document.querySelector("#rows .line .curve").getAttribute("d")`;
    assert.match(await page.evaluate(path), /^M0\.00 .*L100\.00 /);
    const move = (selector: string, part: number) =>
      `(() => {
        const line = document.querySelector(${JSON.stringify(selector)});
        const { left, width, top } = line.getBoundingClientRect();
        const at = { clientX: left + width * ${part}, clientY: top + 5, bubbles: true };
        line.dispatchEvent(new PointerEvent("pointermove", at));
      })()`;
    await page.evaluate(move("#rows .line", 0.45));
    assert.equal(await page.evaluate(text("#tip")), "20 events a second, 5 s ago");
    await page.evaluate(move("#rows .line", 0.1));
    assert.equal(await page.evaluate(text("#tip")), "10 events a second, 10 s ago");
    await page.evaluate(
      `document.querySelector("#rows .line").dispatchEvent(new PointerEvent("pointerleave"))`,
    );
    assert.equal(await page.evaluate(`document.getElementById("tip").hidden`), true);
    await page.evaluate(`document.getElementById("rate-line").focus()`);
    assert.equal(await page.evaluate(text("#tip")), "120 events a second, now");
    await page.press("ArrowLeft");
    assert.equal(await page.evaluate(text("#tip")), "60 events a second, 5 s ago");
    const label = `document.getElementById("rate-line").getAttribute("aria-label")`;
    assert.equal(
      await page.evaluate(label),
      "the last 10 s: 30 to 120 events a second, now 120",
    );
    assert.deepEqual(page.complaints, []);
  });
});

Deno.test("the page is grey while nobody answers, and lives again when somebody does", async () => {
  const status = madeUpStatus({ streams: streams(3) });
  await withScene(DESKTOP, status, async ({ page, server }) => {
    await server[Symbol.asyncDispose]();
    await page.until(`document.body.classList.contains("stale")`);
    assert.match(
      await page.evaluate(text("#notice")),
      /^Disconnected since [\d:]+, trying again\./,
    );
    assert.equal(
      await page.evaluate(`document.getElementById("verdict").checkVisibility()`),
      false,
    );
    await using _ = await serveStatusPage({ status: () => status, port: server.port });
    await page.until(`!document.body.classList.contains("stale")`);
    assert.equal(await page.evaluate(`document.getElementById("notice").hidden`), true);
    assert.equal(await page.evaluate(text("#status")), "healthy");
    assert.doesNotMatch(await page.evaluate("document.title"), /Disconnected/);
  });
});

Deno.test("the page notices that updates stay away though the connection stands", async () => {
  await withScene(DESKTOP, madeUpStatus({ streams: streams(3) }), async ({ page }) => {
    // As where a cable was pulled: nothing comes, and nobody says so.
    await page.evaluate(`connect = () => {}; source.close(); heardMs -= SILENCE_MS_MAX; 0`);
    await page.until(`document.body.classList.contains("stale")`);
  });
});

Deno.test("a phone shows 26 streams on few screens, and nothing is cut off or pale", async () => {
  for (const status of [madeUpStatus({ streams: streams(26) }), mongodbAway(26)]) {
    for (const dark of [false, true]) {
      await withScene({ ...PHONE, dark }, status, async ({ page }) => {
        const height = await page.evaluate<number>("document.documentElement.scrollHeight");
        assert.ok(height < PHONE_PIXELS_MAX, `${height}`);
        await page.evaluate(click("#rows tr:nth-child(2) button.name"));
        for (const id of ["errors", "stages", "log"]) await page.evaluate(click(`#${id} summary`));
        assert.deepEqual(await page.evaluate(TOO_WIDE), []);
        assert.deepEqual(await page.evaluate(LOW_CONTRAST), []);
        assert.deepEqual(page.complaints, []);
      });
    }
  }
});

Deno.test("the page shows a window of many streams, and touches only rows that change", async () => {
  const all = streams(600);
  await withScene(DESKTOP, madeUpStatus({ streams: all }), async (scene) => {
    const { page } = scene;
    const count = `document.querySelectorAll("#rows tr").length`;
    assert.equal(await page.evaluate(count), 100);
    assert.match(
      await page.evaluate(text("#rest")),
      /^500 streams are not shown\.\s+Show 100 more$/,
    );
    await page.evaluate(click("#rest-button"));
    assert.equal(await page.evaluate(count), 200);
    await page.until(`document.querySelector("#rows .line .curve[d^=M]") !== null`);
    await page.evaluate(`(() => {
      window.touched = new Set();
      new MutationObserver((records) => {
        for (const { target } of records) {
          const element = target.nodeType === 1 ? target : target.parentElement;
          if (element.closest(".line") === null) touched.add(element.closest("tr")?.dataset.key ?? "body");
        }
      }).observe(document.getElementById("rows"), { subtree: true, childList: true, characterData: true });
    })()`);
    const key = await page.evaluate(`document.querySelector("#rows tr:nth-child(5)").dataset.key`);
    scene.status = madeUpStatus({
      streams: all.map((stream) => stream.key === key ? { ...stream, events: 77 } : stream),
    });
    await page.until(`touched.size > 0`);
    assert.deepEqual(await page.evaluate(`[...touched]`), [key]);
  });
});

Deno.test("the page shows warnings, errors and the log to whoever opens them", async () => {
  const logTail = new LogTail();
  const entry = { level: "error", message: "Stream failed", time: madeUpTime(9) } as const;
  const fields = { stream: "collection:shop.orders", error: "disk full <b>" };
  for (let i = 0; i < 3; i++) logTail.take({ ...entry, fields });
  await withScene(DESKTOP, madeUpStatus({ streams: streams(3) }), async ({ page }) => {
    await page.until(`document.querySelector("#log-lines li") !== null`);
    assert.match(await page.evaluate(text("#log-lines li")), /error\s+Stream failed stream=/);
    await page.evaluate(click("#errors summary"));
    await page.until(`document.querySelector("#error-list li") !== null`);
    assert.match(
      await page.evaluate(text("#error-list li")),
      /error\s+collection:shop\.orders\s+Stream failed: disk full <b>\s+3 times since/,
    );
    assert.equal(await page.evaluate("location.hash"), "#open=log%2Cerrors");
    assert.deepEqual(page.complaints, []);
  }, { hash: "#open=log", logTail });
});

Deno.test("the page makes do with what instances of an older version tell", async () => {
  const { instances, ...status } = madeUpStatus({ streams: streams(3) });
  const older = {
    ...status,
    instances: instances.map(({ state: _s, startedAt: _a, address: _d, ...rest }) => rest),
    streams: streams(3).map(({ lakeLagSeconds: _, ...rest }) => rest),
  } as unknown as Status;
  await withScene(DESKTOP, older, async ({ page }) => {
    assert.match(
      await page.evaluate(text("#instances")),
      /tributary-1\s+1 stream, version 1\.4\.0/,
    );
    assert.match(await page.evaluate(text("#rows tr:last-child")), /payments[^]*10 s/);
    assert.deepEqual(page.complaints, []);
  });
});

Deno.test("the page links to the pages of other instances that can be reached", async () => {
  const { instances, ...status } = madeUpStatus({ streams: streams(3) });
  const addresses = ["http://10.0.0.4:8080", "https://host-1:8080", "javascript:alert(1)"];
  const linked = instances.map((each, n) => ({ ...each, address: addresses[n]! }));
  await withScene(DESKTOP, { ...status, instances: linked }, async ({ page }) => {
    const links = `[...document.querySelectorAll("#instances a")].map((a) => a.href)`;
    // The first is this one.
    assert.deepEqual(await page.evaluate(links), ["https://host-1:8080/"]);
    assert.match(await page.evaluate(text("#instances")), /running[^]*up for 26 h|up for 26 h/);
  });
});
