import assert from "node:assert/strict";
import { join } from "node:path";
import type { Stream } from "../../../../src/model/stream.ts";
import { runFake } from "../../../support/fake_host.ts";
import { type LakeFolder, layIntoFolder } from "../../../support/lake_folder.ts";
import { LakeWorld } from "../../../support/lake_world.ts";

const STREAMS: readonly Stream[] = ["items", "orders"].map((collection) => ({
  level: "collection",
  database: "shop",
  collection,
}));

Deno.test("verify prints a line for each stream and says that the lake is whole", async () => {
  await using lake = await filledLake();
  const { code, stdout, stderr } = await verify(lake);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(
    stdout,
    "collection:shop.items: whole; 4 records, 2 objects, 5 rows\n" +
      "collection:shop.orders: whole; 4 records, 2 objects, 5 rows\n" +
      "The lake is whole: 2 streams, 4 objects, 10 rows.\n",
  );
});

Deno.test("verify names each hole and ends with 1", async () => {
  await using lake = await filledLake();
  const [file] = await objectsOf(lake, "orders");
  await Deno.remove(join(lake.path, file!));
  const { code, stdout } = await verify(lake, "--stream shop.orders");
  assert.equal(code, 1);
  assert.equal(
    stdout,
    "collection:shop.orders: 1 hole; 4 records, 1 object, 1 row\n" +
      `  hole in record 1: ${file}: the object is missing\n` +
      "The lake has 1 hole: 1 stream, 1 object, 1 row as recorded.\n",
  );
});

Deno.test("verify counts the rows of an object anew", async () => {
  await using lake = await filledLake();
  const [file] = await objectsOf(lake, "orders");
  const path = join(lake.path, file!);
  const rows = (await Deno.readTextFile(path)).split("\n");
  await Deno.writeTextFile(path, [rows[0], ...rows].join("\n"));
  const { code, stdout } = await verify(lake);
  assert.equal(code, 1);
  assert.match(stdout, /hole in record 1: .*: 5 rows, 4 were recorded$/m);
});

Deno.test("verify prints JSON", async () => {
  await using lake = await filledLake();
  const { code, stdout } = await verify(lake, "--json --stream collection:shop.items");
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), {
    destination: lake.url,
    whole: true,
    totals: { streams: 1, objects: 2, rows: 5 },
    streams: [{
      stream: "collection:shop.items",
      key: "collection.shop.items",
      records: 4,
      objects: 2,
      rows: 5,
      deadLetters: 0,
      remadeUnnoted: 0,
      holes: [],
    }],
    lost: [],
    orphans: [],
    orphansFound: 0,
    notes: [],
  });
});

Deno.test("verify names objects that no record names, and prints them for whoever moves them", async () => {
  await using lake = await filledLake();
  const [file] = await objectsOf(lake, "orders");
  const orphan = file!.replace(/-0\.jsonl$/, "-7.jsonl");
  await Deno.copyFile(join(lake.path, file!), join(lake.path, orphan));
  const { code, stdout } = await verify(lake);
  assert.equal(code, 1);
  assert.match(stdout, /^collection:shop\.orders: whole; /m);
  assert(
    stdout.includes(`\nhole: ${orphan}: no record names it: its rows are there twice `),
    stdout,
  );
  assert.match(stdout, /^The lake has 1 hole: 2 streams, 4 objects, 10 rows as recorded\.$/m);
  const json = JSON.parse((await verify(lake, "--json")).stdout);
  assert.deepEqual([json.whole, json.orphansFound, json.orphans[0].key], [false, 1, orphan]);
  const keys = await verify(lake, "--orphans");
  assert.deepEqual([keys.code, keys.stdout, keys.stderr], [1, `${orphan}\n`, ""]);
  await Deno.remove(join(lake.path, orphan));
  const none = await verify(lake, "--orphans");
  assert.deepEqual([none.code, none.stdout, none.stderr], [0, "", ""]);
});

Deno.test("verify names a lost journal, and prints none of its objects for somebody to move away", async () => {
  await using lake = await filledLake();
  await Deno.remove(join(lake.path, "_tributary/streams/collection.shop.orders"), {
    recursive: true,
  });
  const { code, stdout } = await verify(lake);
  assert.equal(code, 1);
  assert.match(
    stdout,
    /^hole in collection:shop\.orders: the journal is missing, and 2 objects of records 1 to 2 are there; restore _tributary\/streams\/collection\.shop\.orders\/, or begin anew with `tributary position adopt collection:shop\.orders`$/m,
  );
  const one = await verify(lake, "--stream shop.orders");
  assert.match(one.stdout, /^The lake has 3 holes: 0 streams/m);
  const keys = await verify(lake, "--orphans");
  assert.equal(keys.stdout, "");
  assert.match(keys.stderr, /^tributary: 2 more objects belong to a journal that is not there/);
});

Deno.test("verify names a journal that ends before its objects", async () => {
  await using lake = await filledLake();
  const folder = join(lake.path, "_tributary/streams/collection.shop.orders");
  for (const seq of [2, 3]) {
    await Deno.remove(join(folder, `${String(seq).padStart(16, "0")}.json`));
  }
  const { code, stdout } = await verify(lake);
  assert.equal(code, 1);
  assert.match(
    stdout,
    /^hole in collection:shop\.orders: the journal ends at record 1, and an object of record 2 is there; restore the rest of /m,
  );
  const keys = await verify(lake, "--orphans");
  assert.match(keys.stdout, /^db=shop\/coll=orders\/.*-2-0\.jsonl\n$/);
});

Deno.test("verify goes on without a state store that does not answer, and says so", async () => {
  await using lake = await filledLake();
  const env = { DESTINATION: lake.url, STATE_STORE: `${lake.url}/state`, PIPELINE_NAME: "p" };
  await Deno.mkdir(join(lake.path, "state"));
  await Deno.writeTextFile(join(lake.path, "state", "p"), "");
  const { code, stdout, stderr } = await runFake("verify", { env });
  assert.equal(code, 0);
  assert.match(stdout, /^The lake is whole/m);
  assert.match(stderr, /^tributary: The state store was not compared: Cannot /);
});

Deno.test("verify --read decodes every object", async () => {
  await using lake = await filledLake();
  const [file] = await objectsOf(lake, "orders");
  const path = join(lake.path, file!);
  const bytes = await Deno.readFile(path);
  await Deno.writeFile(path, bytes.fill(0, 300, 330));
  assert.equal((await verify(lake)).code, 0);
  const { code, stdout } = await verify(lake, "--read");
  assert.equal(code, 1);
  assert.match(stdout, /hole in record 1: .*: it is damaged \(row 1: it is not JSON\)$/m);
});

Deno.test("verify ends with 2 on flags that do not go together", async () => {
  const { code, stderr } = await runFake("verify --orphans --json", {
    env: { DESTINATION: "file:///none" },
  });
  assert.equal(code, 2);
  assert.match(
    stderr,
    /--orphans prints keys of the whole lake and nothing else; leave --json out/,
  );
});

Deno.test("verify leaves out what ended before --since", async () => {
  await using lake = await filledLake();
  const { code, stdout } = await verify(lake, "--since 2100-01-01");
  assert.equal(code, 0);
  assert.match(stdout, /^The lake is whole: 2 streams, 0 objects, 0 rows\.$/m);
});

Deno.test("verify ends with 1 where there is nothing of that name, which is a wrong name", async () => {
  await using lake = await filledLake();
  const other = await verify(lake, "--stream shop.nothing");
  assert.deepEqual([other.code, other.stdout], [1, ""]);
  assert.match(other.stderr, /^tributary: There is no shop\.nothing below file:/);
  await using empty = await layIntoFolder(new LakeWorld());
  const none = await verify(empty);
  assert.deepEqual([none.code, none.stdout], [1, ""]);
  assert.match(none.stderr, /^tributary: There is no journal below file:/);
});

Deno.test("verify ends with 2 on a time that is none, and with 3 where the destination cannot be read", async () => {
  await using lake = await filledLake();
  const wrong = await verify(lake, "--since yesterday");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--since "yesterday" is no time/);
  const file = join(lake.path, "file");
  await Deno.writeTextFile(file, "");
  const unreadable = await verify({ url: `${lake.url}/file` });
  assert.equal(unreadable.code, 3);
  assert.match(unreadable.stderr, /^tributary: Cannot /);
});

function verify({ url }: { readonly url: string }, flags = "") {
  return runFake(`verify ${flags}`, { env: { DESTINATION: url } });
}

async function filledLake(): Promise<LakeFolder> {
  const world = new LakeWorld();
  for (const stream of STREAMS) {
    world.insert(5, stream.level === "collection" ? stream.collection : "");
  }
  for (const stream of STREAMS) await world.instance({ stream }).runToEnd();
  return await layIntoFolder(world);
}

/** The keys of a collection's objects, the first record's first. */
async function objectsOf(lake: LakeFolder, collection: string): Promise<string[]> {
  const keys: string[] = [];
  const folder = join(lake.path, "_tributary", "streams", `collection.shop.${collection}`);
  const files = [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile).map(({ name }) =>
    name
  );
  for (const name of files.sort()) {
    const record = JSON.parse(await Deno.readTextFile(join(folder, name)));
    for (const { key } of record.objects ?? []) keys.push(key);
  }
  return keys;
}
