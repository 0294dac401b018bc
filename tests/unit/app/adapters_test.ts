import assert from "node:assert/strict";
import { Resources } from "../../../src/app/adapters.ts";
import { loadConfig } from "../../../src/config/resolve/load.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { silentLog } from "../../../src/support/log.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { MACHINE, REQUIRED, sourcesOf } from "../../support/load_config.ts";

const TOOLS = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };

Deno.test("Resources opens what the settings name, and release ends it", async () => {
  const lake = await Deno.makeTempDir();
  try {
    const env = { ...REQUIRED, DESTINATION: `file://${lake}`, ENCODERS: "0" };
    const loaded = loadConfig(sourcesOf({ env }), MACHINE);
    assert.ok(loaded.ok);
    const resources = new Resources(loaded.config, TOOLS, new AbortController().signal);
    const destination = await resources.destination();
    const journal = resources.journal({ lake: destination, destination });
    assert.deepEqual(await journal.streams(), []);
    assert.equal(await resources.state().load("collection.shop.orders"), undefined);
    await resources.release();
    await resources.release();
    await assert.rejects(destination.putIfAbsent("a", new Uint8Array(1)));
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
});

Deno.test("Resources has one place for all, or with JOURNAL one for records and one for objects", async () => {
  const folder = await Deno.makeTempDir();
  const open = async (env: Record<string, string>) => {
    const loaded = loadConfig(sourcesOf({ env: { ...REQUIRED, ...env } }), MACHINE);
    assert.ok(loaded.ok);
    const resources = new Resources(loaded.config, TOOLS, new AbortController().signal);
    return { resources, places: await resources.places() };
  };
  try {
    const DESTINATION = `file://${folder}/lake`;
    const one = await open({ DESTINATION, JOURNAL: `${DESTINATION}/` });
    assert.equal(one.places.lake, one.places.destination);
    const two = await open({ DESTINATION, JOURNAL: `file://${folder}/records` });
    assert.deepEqual(
      [two.places.destination.url, two.places.lake.url],
      [DESTINATION, `file://${folder}/records`],
    );
    const journal = two.resources.journal(two.places);
    await journal.putStart("shop.orders", { operationTime: { t: 1, i: 1 }, data: "82" });
    assert.deepEqual(await two.places.destination.list("", { limit: 10 }), []);
    assert.equal((await two.places.lake.list("_tributary/start/", { limit: 10 })).length, 1);
    for (const { resources } of [one, two]) await resources.release();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
