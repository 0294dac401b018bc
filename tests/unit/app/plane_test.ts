import assert from "node:assert/strict";
import { planeOf, streamCatalog, wantedCollections } from "../../../src/app/plane.ts";
import { Resources } from "../../../src/app/resources.ts";
import { LiveConfig } from "../../../src/config/live_config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { positionAt } from "../../../src/model/position.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { silentLog } from "../../../src/support/log.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { MACHINE, sourcesOf } from "../../support/load_config.ts";

const TOOLS = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };

Deno.test("planeOf() and streamCatalog() put the settings where they belong", async () => {
  const lake = await Deno.makeTempDir();
  try {
    const env = {
      MONGODB_URI: "mongodb://127.0.0.1:1/",
      MONGODB_DATABASE: "shop",
      DESTINATION: `file://${lake}`,
      BATCH_SIZE: "77",
      MEMORY_BUDGET: "64MiB",
    };
    const loaded = loadConfig(sourcesOf({ env }), MACHINE);
    assert.ok(loaded.ok);
    const { signal } = new AbortController();
    const resources = new Resources(loaded.config, TOOLS, signal);
    const outside = { source: resources.source(), destination: await resources.destination() };
    const plane = planeOf(loaded.config, TOOLS, resources, outside);
    assert.equal(plane.options.batch.rowsMax, 77);
    assert.equal(plane.budget.limitBytes, 64 * 1024 ** 2);
    const live = new LiveConfig(loaded.config);
    const wanted = wantedCollections(live, plane, TOOLS, () => {}, signal);
    const catalog = streamCatalog(live, plane, TOOLS, wanted, signal);
    await catalog.refresh();
    assert.deepEqual([...catalog.streams.keys()], ["database.shop"]);
    await resources.release();
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
});

Deno.test("streamCatalog() says of a collection what is the matter: another layout, or retired", async () => {
  const lake = await Deno.makeTempDir();
  try {
    const env = {
      MONGODB_URI: "mongodb://127.0.0.1:1/",
      MONGODB_COLLECTIONS: "shop.orders,shop.items",
      DESTINATION: `file://${lake}`,
      PARTITIONS: "2",
    };
    const loaded = loadConfig(sourcesOf({ env }), MACHINE);
    assert.ok(loaded.ok);
    const warnings: unknown[] = [];
    const warn = (message: string, fields: unknown) => void warnings.push([message, fields]);
    const tools = { ...TOOLS, log: { ...silentLog, warn } };
    const { signal } = new AbortController();
    const resources = new Resources(loaded.config, tools, signal);
    const outside = { source: resources.source(), destination: await resources.destination() };
    const plane = planeOf(loaded.config, tools, resources, outside);
    const barrier = positionAt({ t: 1_763_690_000, i: 1 });
    await plane.layouts.put("collection.shop.orders", { epoch: 1, of: 3, barrier });
    await plane.layouts.put("collection.shop.items", { epoch: 1, of: 0, barrier });
    const live = new LiveConfig(loaded.config);
    const wanted = wantedCollections(live, plane, tools, () => {}, signal);
    const catalog = streamCatalog(live, plane, tools, wanted, signal);
    await catalog.refresh();
    assert.deepEqual(warnings.toSorted(), [
      ["A retired collection is in the settings: nothing of it is streamed", {
        stream: "collection:shop.items",
        change: "take it out of the settings, or use another prefix",
      }],
      ["PARTITIONS differs from the layout in force, which stays", {
        stream: "collection:shop.orders",
        partitions: 3,
        change: "tributary layout set shop.orders 2",
      }],
    ]);
    await resources.release();
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
});
