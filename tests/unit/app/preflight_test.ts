import assert from "node:assert/strict";
import { preflight } from "../../../src/app/preflight.ts";
import { Resources } from "../../../src/app/resources.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { TransientError } from "../../../src/model/errors.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { silentLog } from "../../../src/support/log.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { MACHINE, sourcesOf } from "../../support/load_config.ts";

Deno.test("preflight asks MongoDB first, and writes nothing where that does not answer", async () => {
  const lake = await Deno.makeTempDir();
  const env = {
    MONGODB_URI: "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200",
    DESTINATION: `file://${lake}`,
  };
  const loaded = loadConfig(sourcesOf({ env }), MACHINE);
  assert.ok(loaded.ok);
  const tools = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };
  const { signal } = new AbortController();
  const resources = new Resources(loaded.config, tools, signal);
  try {
    const asked = preflight(resources.source(), loaded.config, tools, signal);
    await assert.rejects(asked, TransientError);
    assert.deepEqual([...Deno.readDirSync(lake)], []);
  } finally {
    await resources.release();
    await Deno.remove(lake, { recursive: true });
  }
});
