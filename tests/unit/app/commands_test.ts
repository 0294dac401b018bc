import assert from "node:assert/strict";
import { look } from "../../../src/app/commands.ts";
import { loadLakeConfig } from "../../../src/config/resolve/load.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { silentLog } from "../../../src/support/log.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { MACHINE, sourcesOf } from "../../support/load_config.ts";

const TOOLS = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };

/** A command on an empty lake, without MongoDB. */
async function onEmptyLake<T>(
  work: (
    config: Extract<ReturnType<typeof loadLakeConfig>, { ok: true }>["config"],
    command: Parameters<typeof look>[1],
    reached: () => boolean,
  ) => Promise<T>,
): Promise<T> {
  const lake = await Deno.makeTempDir();
  try {
    const loaded = loadLakeConfig(sourcesOf({ env: { DESTINATION: `file://${lake}` } }), MACHINE);
    assert.ok(loaded.ok);
    let isReached = false;
    const signal = new AbortController().signal;
    const command = { tools: TOOLS, signal, reached: () => isReached = true };
    return await work(loaded.config, command, () => isReached);
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
}

Deno.test("look() says that the destination was reached before it looks", async () => {
  await onEmptyLake(async (config, command, reached) => {
    await look(config, command, () => {
      assert.ok(reached());
      return Promise.resolve();
    });
  });
});
