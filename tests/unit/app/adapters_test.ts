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
    const journal = resources.journal(destination);
    assert.deepEqual(await journal.streams(), []);
    assert.equal(await resources.state().load("collection.shop.orders"), undefined);
    await resources.release();
    await resources.release();
    await assert.rejects(destination.putIfAbsent("a", new Uint8Array(1)));
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
});
