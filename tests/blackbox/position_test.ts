import assert from "node:assert/strict";
import { join } from "node:path";
import { createMongoWriter, type MongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { assertExactlyOnce, totalOf, waitForFolder } from "./judge.ts";
import { streamingSettings } from "./settings.ts";

interface Place extends AsyncDisposable {
  readonly folder: string;
  readonly env: Record<string, string>;
  readonly writer: MongoWriter;
  /** Runs the pipeline until so many rows are in the lake, and stops it. */
  fill(rows: number, env?: Record<string, string>): Promise<void>;
  verb(...args: string[]): ReturnType<typeof runProgram>;
}

async function place(): Promise<Place> {
  const writer = createMongoWriter(uniqueName("verbs"));
  const folder = await Deno.makeTempDir();
  const lake = join(folder, "lake");
  const env = { ...streamingSettings(writer.database), DESTINATION: `file://${lake}` };
  return {
    folder: lake,
    env,
    writer,
    async fill(rows, changed = {}) {
      await using program = startProgram(["run"], { env: { ...env, ...changed } });
      await waitForFolder(lake, rows);
      program.kill("SIGTERM");
      const { code } = await program.ended;
      assert.equal(code, 0, program.stderr.join("\n"));
    },
    verb: (...args) => runProgram(args, { env }),
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test("position set fixes a start, and later moves a stream forward over what is left out", async () => {
  await using at = await place();
  const stream = `database:${at.writer.database}`;
  const fixed = await at.verb("position", "set", stream, "now");
  assert.equal(fixed.code, 0, fixed.stderr);
  assert.match(fixed.stdout, /will begin at 20/);
  await at.writer.insert(["orders"], 100);
  await at.fill(100);

  await at.writer.insert(["left_out"], 50);
  const asked = await at.verb("position", "set", stream, "now");
  assert.equal(asked.code, 1);
  assert.match(asked.stderr, /say --force if you want that/);
  const moved = await at.verb("position", "set", stream, "now", "--force");
  assert.equal(moved.code, 0, moved.stderr);
  assert.equal((await at.verb("position", "set", stream, "2020-01-01", "--force")).code, 1);
  await at.writer.insert(["orders"], 100);
  await at.fill(200);
  await assertExactlyOnce(at.folder, new Map([["orders", 200]]));
  const verified = await at.verb("verify");
  assert.equal(verified.code, 1);
  assert.match(verified.stdout, /were not read: moved by an operator/);
  const shown = JSON.parse((await at.verb("position", "show", "--json")).stdout);
  assert.deepEqual([shown.length, shown[0].stream], [1, stream]);
});

Deno.test("position adopt begins a lost journal again where the state store knew it", async () => {
  await using at = await place();
  const stream = `database:${at.writer.database}`;
  await at.verb("position", "set", stream, "now");
  await at.writer.insert(["orders"], 100);
  await at.fill(100);
  await Deno.remove(join(at.folder, "_tributary", "streams"), { recursive: true });
  await using refused = startProgram(["run"], { env: at.env });
  await refused.line(new RegExp(`Cannot begin the journal.*position adopt ${stream}`));
  refused.kill("SIGTERM");
  await refused.ended;
  const adopted = await at.verb("position", "adopt", stream);
  assert.equal(adopted.code, 0, adopted.stderr);
  await at.writer.insert(["orders"], 100);
  await at.fill(200);
  await assertExactlyOnce(at.folder, at.writer.inserted);
});

Deno.test("layout set and retire divide a collection and end it, and a database goes on exactly there", async () => {
  await using at = await place();
  const { writer } = at;
  const collections = { MONGODB_COLLECTIONS: "orders,items" };
  const [orders, items] = ["orders", "items"].map((name) => `${writer.database}.${name}`);
  const verb = (...args: string[]) => runProgram(args, { env: { ...at.env, ...collections } });
  for (const name of [orders!, items!]) await verb("position", "set", name, "now");
  await writer.insert(["orders", "items"], 200);
  await at.fill(400, collections);
  const set = await verb("layout", "set", orders!, "3");
  assert.equal(set.code, 0, set.stderr);
  await writer.insert(["orders", "items"], 200);
  await at.fill(800, collections);
  const [shown] = JSON.parse((await verb("layout", "show", orders!, "--json")).stdout);
  assert.deepEqual(shown.epochs.map(({ of }: { of: number }) => of), [1, 3]);

  await writer.insert(["orders", "items"], 100);
  const retired = await verb("layout", "retire", orders!, items!);
  assert.equal(retired.code, 0, retired.stderr);
  assert.match(retired.stdout, /goes on exactly there\.$/m);
  await writer.insert(["orders", "items"], 100);
  await at.fill(totalOf(writer.inserted));
  await assertExactlyOnce(at.folder, writer.inserted);
  assert.equal((await at.verb("verify")).code, 0);
});
