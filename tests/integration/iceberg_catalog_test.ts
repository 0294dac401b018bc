/** Many tables of Iceberg, several copies that commit them, and a catalog that is busy, goes away and loses answers. */
import assert from "node:assert/strict";
import { followerParts } from "../../src/app/tables/build_tables.ts";
import { openFormat } from "../../src/app/tables/formats.ts";
import { icebergStore } from "../../src/app/tables/iceberg_tables.ts";
import { TransientError } from "../../src/model/errors.ts";
import type { Stream } from "../../src/model/stream.ts";
import { systemClock } from "../../src/support/clock.ts";
import { silentLog } from "../../src/support/log.ts";
import { heldFiles } from "../../src/table/iceberg/held_files.ts";
import { LakeFollower } from "../../src/table/follow/lake_follower.ts";
import { hintKey } from "../../src/table/follow/table_hint.ts";
import {
  type CatalogFault,
  type FakeCatalog,
  startFakeCatalog,
} from "../support/fake_iceberg_catalog.ts";
import { LakeWorld } from "../support/lake_world.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { FOLDER, pathsInJournal, TABLE_SETTINGS, write } from "../support/table_world.ts";

const SHOP: Stream = { level: "database", database: "shop" };

const COLLECTIONS = 200;
const ROUNDS = 4;

/** What may become of a request; none is waited for. */
const FAULTS: readonly CatalogFault[] = [
  "lost",
  { status: 503, done: true },
  { status: 503, headers: { "retry-after": "0" } },
  { status: 429, headers: { "retry-after": "0" } },
  { status: 500 },
];

Deno.test("200 tables have each object once, committed by three copies through a catalog that fails one request in six", async () => {
  const world = new LakeWorld(7);
  const random = new SeededRandom(7919);
  let isCalm = false;
  let lost = 0;
  await using server = startFakeCatalog({
    fault({ method }) {
      if (isCalm || random.fraction() > 1 / 6) return undefined;
      const fault = FAULTS[Math.floor(random.fraction() * FAULTS.length)]!;
      if (method === "POST" && fault === "lost") lost++;
      return fault;
    },
  });
  const { signal } = new AbortController();
  const names = Array.from({ length: COLLECTIONS }, (_, i) => `c${i}`);
  const copies = [1, 2, 3].map(() => followerOf(world, server));
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) world.insert(1, name);
    await write(world, 1, { stream: SHOP });
    await Promise.all(copies.map((copy) => copy.turn(signal).catch(ignoreTransient)));
    // Its state is gone; the others go on with what they knew.
    copies[round % 2] = followerOf(world, server);
  }
  isCalm = true;
  for (const copy of copies) while (!(await copy.turn(signal)).isComplete);
  assert.equal(server.tables.size, COLLECTIONS + 1);
  const store = icebergStore({ destination: world.destination });
  for (const name of names) {
    const table = server.tables.get(`shop/${name}`)!;
    const folder = `db=shop/coll=${name}`;
    const held = await heldFiles(store, folder, table as never);
    const paths = held.map(({ path }) => path).sort();
    assert.deepEqual(paths, await pathsInJournal(world, SHOP, folder), name);
  }
  assert.ok(lost > 0);
});

Deno.test("what a busy or a silent catalog has of the tables is brought to the end by the next turn", async () => {
  const world = new LakeWorld(3);
  let fault: CatalogFault | undefined;
  await using server = startFakeCatalog({ fault: () => fault });
  const tables = followerOf(world, server);
  const { signal } = new AbortController();
  await write(world, 4);
  for (fault of FAULTS) await assert.rejects(tables.turn(signal), TransientError);
  fault = undefined;
  await tables.turn(signal);
  assert.equal(server.tables.get("shop/orders")!.snapshots.length, 1);
});

Deno.test("a catalog that denies a table is one sentence about this table, and the others go on", async () => {
  const world = new LakeWorld(5);
  await using server = startFakeCatalog({
    namespaces: ["shop"],
    fault: ({ method, path }) =>
      method === "GET" && path.endsWith("/secrets") ? { status: 403 } : undefined,
  });
  const tables = followerOf(world, server);
  world.insert(1, "secrets");
  await write(world, 1, { stream: SHOP });
  await tables.turn(new AbortController().signal);
  const [fault] = tables.tables.flatMap(({ name, fault }) =>
    fault === undefined ? [] : [[name, fault]]
  );
  assert.match(
    String(fault![1]),
    /^Cannot load the table of shop\.secrets in the Iceberg catalog http\S+: it denies that \(HTTP 403, /,
  );
  assert.deepEqual([...server.tables.keys()], ["shop/orders"]);
});

Deno.test("a table that the catalog denies goes on when somebody allows it, whether it was there or not", async () => {
  for (const wasThere of [true, false]) {
    const world = new LakeWorld(5);
    let isDenied = false;
    await using server = startFakeCatalog({
      namespaces: ["shop"],
      fault: ({ method }) => method === "POST" && isDenied ? { status: 403 } : undefined,
    });
    const tables = followerOf(world, server);
    const { signal } = new AbortController();
    if (wasThere) {
      await write(world, 1);
      await tables.turn(signal);
    }
    await write(world, 1);
    isDenied = true;
    await tables.turn(signal);
    assert.match(tables.tables[0]!.fault!, /it denies that/);
    isDenied = false;
    await tables.turn(signal);
    assert.equal(tables.tables[0]!.fault, undefined);
    const table = server.tables.get("shop/orders")!;
    const store = icebergStore({ destination: world.destination });
    assert.equal((await heldFiles(store, FOLDER, table as never)).length, wasThere ? 2 : 1);
  }
});

Deno.test("of two collections with one name in the catalog the second is told whose it is", async () => {
  const world = new LakeWorld(5);
  await using server = startFakeCatalog({});
  const tables = followerOf(world, server);
  const { signal } = new AbortController();
  world.insert(1, "order-items");
  await write(world, 1, { stream: SHOP });
  await tables.turn(signal);
  world.insert(1, "order_items");
  await write(world, 1, { stream: SHOP });
  await tables.turn(signal);
  const [fault] = tables.tables.flatMap(({ fault }) => fault ?? []);
  assert.match(fault!, /shop\.order-items, and those of shop\.order_items/);
  const held = server.tables.get("shop/order_items")!;
  assert.equal(held.snapshots.length, 1);
});

function followerOf(world: LakeWorld, { url }: FakeCatalog): LakeFollower {
  const places = { lake: world.destination, destination: world.destination };
  const tools = { clock: systemClock, random: world.random, log: silentLog, hostName: "test" };
  const iceberg = { url, namespace: "{db}", login: { kind: "none" } } as const;
  const config = { tableWriters: "ours", iceberg, keyRule: TABLE_SETTINGS.keyRule } as const;
  const format = openFormat("iceberg", { config, tools, places });
  const hint = { store: world.destination, key: hintKey("iceberg") };
  return new LakeFollower({ ...followerParts(places, format), hint });
}

function ignoreTransient(error: unknown): void {
  if (!(error instanceof TransientError)) throw error;
}
