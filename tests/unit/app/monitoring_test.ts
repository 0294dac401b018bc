import assert from "node:assert/strict";
import { type MonitorParts, openHttp, openMonitor } from "../../../src/app/monitoring.ts";
import { streamLimits } from "../../../src/app/pipeline_settings.ts";
import { streamParts } from "../../../src/app/stream_parts.ts";
import { Resources } from "../../../src/app/adapters.ts";
import { loadConfig } from "../../../src/config/resolve/load.ts";
import { openFleet } from "../../../src/coordinate/open_fleet.ts";
import { PermanentError } from "../../../src/model/errors.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { silentLog } from "../../../src/support/log.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { MACHINE, sourcesOf } from "../../support/load_config.ts";

const TOOLS = { clock: systemClock, random: systemRandom, hostName: "host-1" };

const ACT = () => Promise.resolve("unknown" as const);

async function withParts(
  address: string | undefined,
  work: (parts: MonitorParts, warnings: string[]) => Promise<void>,
): Promise<void> {
  const lake = await Deno.makeTempDir();
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (message: string) => void warnings.push(message) };
  const tools = { ...TOOLS, log };
  const env = {
    MONGODB_URI: "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100",
    DESTINATION: `file://${lake}`,
    ...(address === undefined ? {} : { HTTP_ADDRESS: address }),
  };
  const loaded = loadConfig(sourcesOf({ env }), MACHINE);
  assert.ok(loaded.ok);
  const { config } = loaded;
  const { signal } = new AbortController();
  const resources = new Resources(config, tools, signal);
  try {
    const outside = { source: resources.source(), places: await resources.places() };
    const adapters = resources.streamAdapters(outside.source, outside.places);
    const fleet = openFleet({ kind: "memory" }, systemClock, systemRandom);
    const pipeline = {
      reading: {
        readers: () => [{ form: "database shop", members: ["a", "b"] }],
        unshared: () => [{ form: "collection", members: ["c"], alone: "partition" as const }],
        waiting: () => ["d"],
      },
      parts: streamParts(adapters, streamLimits(config)),
      streams: new Map(),
      running: new Map(),
      snapshots: [],
      pauses: { names: new Map(), sinceMs: new Map(), changed: () => {} },
    };
    const asked = outside.places;
    const parts = {
      config,
      live: { current: config, refused: undefined, onRefusal: () => {} },
      tools,
      resources,
      adapters,
      pipeline,
      fleet,
      owner: "me",
      asked,
      unheldLosses: { known: [] },
      recovered: () => {},
      signal,
    };
    await work(parts, warnings);
  } finally {
    await resources.release();
    await Deno.remove(lake, { recursive: true });
  }
}

Deno.test("openMonitor() shows all change streams of the pipeline", async () => {
  await withParts("none", (parts) => {
    const { reading } = openMonitor(parts, { told: () => {} }).status();
    assert.deepEqual([reading.changeStreams, reading.waiting], [2, 1]);
    assert.deepEqual(reading.shared, [{ watched: "database shop", streams: 2 }]);
    assert.deepEqual(reading.alone.map(({ reason, names }) => [reason, names]), [
      ["partition", ["c"]],
    ]);
    return Promise.resolve();
  });
});

Deno.test("openMonitor() is told of failed requests to the destination", async () => {
  await withParts("none", (parts) => {
    const failures = { told: (_error: Error, _again: boolean) => {} };
    const monitor = openMonitor(parts, failures);
    failures.told(new Error("SlowDown"), true);
    const destination = monitor.status().dependencies.find(({ name }) => name === "destination");
    assert.equal(destination?.state, "unhealthy");
    return Promise.resolve();
  });
});

Deno.test("openHttp() refuses a chosen address that is taken, and does without the default one", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    const address = `127.0.0.1:${taken.addr.port}`;
    await withParts(address, async (parts, warnings) => {
      const monitor = openMonitor(parts, { told: () => {} });
      await assert.rejects(openHttp(parts, monitor, ACT), PermanentError);
      const http = { ...parts.config.http!, isChosen: false };
      await openHttp({ ...parts, config: { ...parts.config, http } }, monitor, ACT);
      assert.equal(warnings.length, 1);
    });
  } finally {
    taken.close();
  }
});
