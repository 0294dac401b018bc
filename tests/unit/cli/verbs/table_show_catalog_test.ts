import assert from "node:assert/strict";
import { join } from "node:path";
import { copyTree } from "../../../support/copy_tree.ts";
import { runFake } from "../../../support/fake_host.ts";
import { startFakeCatalog } from "../../../support/fake_iceberg_catalog.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { write } from "../../../support/table_world.ts";

const TOKEN = "of-somebody-who-may";

async function scene() {
  const seen = new Set<string | null>();
  const server = startFakeCatalog({
    fault({ headers }) {
      seen.add(headers.get("authorization"));
      return headers.get("authorization") === `Bearer ${TOKEN}` ? undefined : { status: 401 };
    },
  });
  const world = new LakeWorld();
  await write(world, 6);
  const lake = await layIntoFolder(world);
  const env = {
    ...{ DESTINATION: lake.url, TABLES: "iceberg" },
    ...{ ICEBERG_CATALOG: server.url, ICEBERG_TOKEN: TOKEN },
  };
  return {
    ...{ server, lake, env, seen },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await lake[Symbol.asyncDispose]();
    },
  };
}

Deno.test("verbs of tables go through the catalog, and never show the token", async () => {
  await using under = await scene();
  const { server, env, seen } = under;
  const built = await runFake("table build all", { env });
  assert.deepEqual([built.code, built.stderr], [0, ""]);
  assert.deepEqual([...server.tables.keys()], ["shop/orders"]);
  const shown = await runFake("table show shop.orders", { env });
  assert.equal(shown.code, 0);
  assert.match(shown.stdout, /^shop\.orders: version 1, \d+ objects, 6 rows\n/);
  assert.match(shown.stdout, /FROM lake\."shop"\."orders";/);
  const json = await runFake("table show all --json", { env });
  assert.deepEqual(JSON.parse(json.stdout)[0].catalog, {
    ...{ url: server.url, namespace: "shop", table: "orders", isOpen: false },
  });
  assert.equal((await runFake("table verify all", { env })).code, 0);
  assert.equal((await runFake("table drop all", { env })).code, 0);
  assert.equal(server.tables.size, 0);
  const all = [built, shown, json].flatMap(({ stdout, stderr }) => [stdout, stderr]).join("");
  assert.doesNotMatch(all, new RegExp(TOKEN));
  assert.deepEqual([...seen], [`Bearer ${TOKEN}`]);
});

Deno.test("verbs for all tables find one whose collection has a longer name than its folder can have", async () => {
  await using server = startFakeCatalog();
  const world = new LakeWorld();
  const collection = "orders_of_".repeat(15);
  await write(world, 6, { stream: { level: "collection", database: "shop", collection } });
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url, TABLES: "iceberg", ICEBERG_CATALOG: server.url };
  assert.equal((await runFake("table build all", { env })).code, 0);
  const shown = await runFake("table show all", { env });
  assert.match(
    shown.stdout,
    new RegExp(`^shop\\.${collection}: version 1, \\d+ objects, 6 rows\n`),
  );
  const verified = await runFake("table verify all --json", { env });
  assert.deepEqual([verified.code, JSON.parse(verified.stdout).length], [0, 1]);
  assert.equal((await runFake("table drop all", { env })).code, 0);
  assert.equal(server.tables.size, 0);
});

Deno.test("a token that the catalog refuses is one sentence, and nothing is written", async () => {
  await using under = await scene();
  const env = { ...under.env, ICEBERG_TOKEN: "of-somebody-else" };
  const built = await runFake("table build all", { env });
  assert.equal(built.code, 1);
  const said = built.stdout + built.stderr;
  assert.match(said, /does not know us \(HTTP 401, .*\); check ICEBERG_TOKEN/);
  assert.doesNotMatch(said, /of-somebody-else/);
  assert.equal(under.server.tables.size, 0);
});

Deno.test("the table of the lake from which one was copied is not written, nor dropped without force", async () => {
  await using under = await scene();
  assert.equal((await runFake("table build all", { env: under.env })).code, 0);
  const copy = join(under.lake.path, "copy");
  for await (const { name } of Deno.readDir(under.lake.path)) {
    if (name !== "copy") await copyTree(join(under.lake.path, name), join(copy, name));
  }
  const env = { ...under.env, DESTINATION: `${under.lake.url}/copy` };
  const before = JSON.stringify([...under.server.tables], (_, value) => String(value));
  const built = await runFake("table build all", { env });
  assert.equal(built.code, 1);
  assert.match(
    built.stderr,
    /lies elsewhere .* another ICEBERG_NAMESPACE, or, if that one is no longer/,
  );
  const dropped = await runFake("table drop all", { env });
  assert.deepEqual([dropped.code, dropped.stdout], [1, ""]);
  assert.match(dropped.stderr, /another ICEBERG_NAMESPACE.*--force drops it all the same/);
  assert.equal(JSON.stringify([...under.server.tables], (_, value) => String(value)), before);
  assert.equal(
    (await runFake("table build all", { env: { ...env, ICEBERG_NAMESPACE: "copy_{db}" } })).code,
    0,
  );
});
