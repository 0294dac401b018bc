/** REDACT: what it names is in no byte of the lake, whatever happens to the documents. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Db } from "mongodb";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { extractOlderVersion } from "../support/older_version.ts";
import { type Program, runProgram, startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { streamingSettings } from "./settings.ts";

const SECRET = "hush-hush-7f3a";
/** The same length as a secret, so that nothing else hides it. */
const OPEN = "open-open-7f3a";

type Order = { readonly _id: number };

Deno.test("what REDACT names is in no object of any format, no dead letter, no journal and no log", async (t) => {
  for (const format of ["jsonl", "csv", "avro", "parquet"]) {
    await t.step(format, async () => {
      await using at = await place({ FORMAT: format, COMPRESSION: "none" });
      await using program = startProgram(["run"], { env: at.env });
      await program.line(/Change stream opened/);
      await changeEverything(at.db);
      await at.reached(() => at.has("the-last-insert"));
      await at.finish(program);
      const found = await at.files();
      assert(found.some(({ path }) => path.endsWith(".bson")), "there is a dead letter");
      for (const { path, text } of found) assert(!text.includes(SECRET), `${path} has the secret`);
      assert(!program.stderr.concat(program.stdout).join("\n").includes(SECRET));
      const all = found.map(({ text }) => text).join("\n");
      for (const kept of OPEN_TEXTS) assert(all.includes(kept), `${kept} is there`);
    });
  }
});

Deno.test("a redo makes the same bytes again", async () => {
  // All in one batch, for a record that another follows is not made again.
  const batch = { BATCH_SIZE: String(CHANGES), BATCH_TIMEOUT: "10m" };
  await using at = await place({ FORMAT: "jsonl", COMPRESSION: "none", ...batch });
  await using program = startProgram(["run"], { env: at.env });
  await program.line(/Change stream opened/);
  await changeEverything(at.db);
  await program.line(/Batch stored/);
  assert(await at.has("the-last-insert"));
  program.kill("SIGKILL");
  await program.ended;
  const isData = ({ path }: { path: string }) => /\.(jsonl|bson)$/.test(path);
  const before = (await at.files()).filter(isData);
  for (const { path } of before) await Deno.remove(join(at.lake, path));
  await using again = startProgram(["run"], { env: at.env });
  await at.reached(async () => (await at.files()).filter(isData).length === before.length);
  await at.finish(again);
  assert.deepEqual((await at.files()).filter(isData), before);
});

/** What must not be lost with the rest. */
const OPEN_TEXTS = ["name", "street", "array", "pushed", "replaced"].map((what) =>
  `${OPEN}-${what}`
);

/** How many events `changeEverything` makes. */
const CHANGES = 15;

/** A change of every kind, each with the secret wherever it can be. */
async function changeEverything(db: Db): Promise<void> {
  const orders = db.collection<Order>("orders");
  const id = { _id: 1 };
  await orders.insertOne({
    ...id,
    password: SECRET,
    customer: { email: SECRET, name: `${OPEN}-name` },
    items: [{ secret: SECRET, n: `${OPEN}-array` }, [{ secret: SECRET }]],
    tokens: { [SECRET]: 1 },
  } as Order);
  await orders.updateOne(id, { $set: { "customer.email": SECRET + 2, password: SECRET } });
  await orders.updateOne(id, { $set: { customer: { email: SECRET, street: `${OPEN}-street` } } });
  await orders.updateOne(id, { $set: { "items.0.secret": SECRET, [`tokens.${SECRET}`]: 2 } });
  await orders.updateOne(id, { $set: { "items.1.0.secret": SECRET + 3, "items.1.0.n": 1 } });
  await orders.updateOne(id, {
    $push: { items: { secret: SECRET, n: `${OPEN}-pushed` } as never },
  });
  await orders.updateOne(id, [{ $set: { items: [{ secret: SECRET + 4 }], password: SECRET + 5 } }]);
  await orders.updateOne(id, { $unset: { password: "", [`tokens.${SECRET}`]: "" } });
  await orders.replaceOne(id, { password: SECRET, note: `${OPEN}-replaced` } as never);
  await db.client.withSession((session) =>
    session.withTransaction(async () => {
      await orders.updateOne(id, { $set: { password: SECRET + 6 } }, { session });
      await orders.insertOne({ _id: 2, password: SECRET } as Order, { session });
    })
  );
  await orders.deleteOne({ _id: 2 });
  // Without images these become dead letters: an update and the whole document with it.
  await db.command({ collMod: "orders", changeStreamPreAndPostImages: { enabled: false } });
  await orders.updateOne(id, { $set: { password: SECRET + 7, "customer.email": SECRET } });
  await orders.replaceOne(id, { password: SECRET + 8, customer: { email: SECRET } } as never);
  await orders.insertOne({ _id: 3, password: SECRET, note: "the-last-insert" } as Order);
}

/** A database with images, a folder for its lake, and the settings of all this. */
async function place(more: Record<string, string>) {
  const writer = createMongoWriter(uniqueName("redact"));
  const lake = await Deno.makeTempDir();
  const db = writer.client.db(writer.database);
  await db.createCollection("orders", { changeStreamPreAndPostImages: { enabled: true } });
  const env = {
    ...streamingSettings(writer.database),
    REDACT: "password,customer.email,items.secret,tokens",
    FULL_DOCUMENT: "required",
    FULL_DOCUMENT_BEFORE_CHANGE: "when-available",
    DESTINATION: `file://${lake}`,
    LOG_LEVEL: "debug",
    ...more,
  };
  return {
    ...{ lake, db, env },
    /** Every file with its bytes as a text. */
    files: () => filesBelow(lake, ""),
    async has(text: string): Promise<boolean> {
      return (await filesBelow(lake, "")).some((file) => file.text.includes(text));
    },
    async reached(condition: () => Promise<boolean>): Promise<void> {
      await waitUntil(systemClock, 240_000, async () => await condition() ? true : undefined);
      assert(await condition());
    },
    async finish(program: Program): Promise<void> {
      program.kill("SIGTERM");
      assert.equal((await program.ended).code, 0, program.stderr.join("\n"));
      const { code, stdout, stderr } = await runProgram(["verify", "--read"], { env });
      assert.equal(code, 0, stdout + stderr);
    },
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]();
      await Deno.remove(lake, { recursive: true });
    },
  };
}

async function filesBelow(folder: string, path: string): Promise<{ path: string; text: string }[]> {
  const found = [];
  for await (const entry of Deno.readDir(join(folder, path))) {
    const child = join(path, entry.name);
    if (entry.isDirectory) found.push(...await filesBelow(folder, child));
    else {
      const bytes = await readIfThere(join(folder, child));
      if (bytes !== undefined) found.push({ path: child, text: latin1(bytes) });
    }
  }
  return found.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** A file under way has another name a moment later. */
async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** No byte is lost, as it would be with those that are no UTF-8. */
function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

Deno.test("an older version stops at a journal with REDACT, and stores nothing of what it removes", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tributary-older-" });
  const older = await extractOlderVersion(folder);
  await using at = await place({ FORMAT: "jsonl", COMPRESSION: "none", RECORD_FORMAT: "1" });
  try {
    await using program = startProgram(["run"], { env: at.env });
    await program.line(/Change stream opened/);
    const orders = at.db.collection("orders");
    await orders.insertOne({ password: SECRET, note: "first" });
    await at.reached(() => at.has("first"));
    await at.finish(program);
    const { REDACT: _, ...env } = at.env;
    await using old = startProgram(["run"], { env, executable: older });
    const said = await old.line(/settings\.redact/);
    assert.match(said, /Cannot read the journal record .*settings\.redact\W+ is not known/);
    await orders.insertOne({ password: SECRET, note: "second" });
    old.kill("SIGTERM");
    await old.ended;
    assert(!await at.has(SECRET));
    await using again = startProgram(["run"], { env: at.env });
    await at.reached(() => at.has("second"));
    await at.finish(again);
    assert(!await at.has(SECRET));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
