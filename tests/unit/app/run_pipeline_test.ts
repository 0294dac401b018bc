import assert from "node:assert/strict";
import { runPipeline } from "../../../src/app/run_pipeline.ts";
import { LiveConfig } from "../../../src/config/live_config.ts";
import { loadConfig } from "../../../src/config/resolve/load.ts";
import { TransientError } from "../../../src/model/errors.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { silentLog } from "../../../src/support/log.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { MACHINE, sourcesOf } from "../../support/load_config.ts";

const TOOLS = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };

Deno.test("runPipeline() fails before it is ready where MongoDB cannot be reached", async () => {
  const lake = await Deno.makeTempDir();
  try {
    const env = {
      MONGODB_URI: "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200",
      DESTINATION: `file://${lake}`,
      HTTP_ADDRESS: "none",
    };
    const loaded = loadConfig(sourcesOf({ env }), MACHINE);
    assert.ok(loaded.ok);
    const never = new AbortController().signal;
    let isReady = false;
    const running = runPipeline(
      new LiveConfig(loaded.config),
      TOOLS,
      never,
      never,
      () => isReady = true,
    );
    await assert.rejects(running, TransientError);
    assert.equal(isReady, false);
    assert.deepEqual([...Deno.readDirSync(lake)], [], "nothing was written");
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
});
