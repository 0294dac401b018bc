import assert from "node:assert/strict";
import { join } from "node:path";
import { queryLake } from "../support/lake.ts";
import { createMongoWriter, type MongoWriter } from "../support/mongo_writer.ts";
import { type Program, runProgram, startProgram } from "../support/program.ts";
import { redisUrl, uniqueName } from "../support/services.ts";
import { assertExactlyOnce, waitForFolder } from "./judge.ts";
import { streamingSettings } from "./settings.ts";

/** Where two instances of other settings may meet, or not. */
const MEETINGS: Readonly<Record<string, (folder: string) => Record<string, string>>> = {
  Redis: () => ({ LEASES: "auto", REDIS_URL: redisUrl(), PIPELINE_NAME: uniqueName("selections") }),
  "a folder": (folder) => ({
    STATE_STORE: `file://${join(folder, "state")}`,
    LEASES: "auto",
  }),
  nothing: () => ({ STATE_STORE: "memory", LEASES: "memory" }),
};

const WAITS = /Waiting (for instance|to run) /;

for (const [name, settings] of Object.entries(MEETINGS)) {
  Deno.test(`of two instances with other filters that share ${name} one runs, and the other says why it waits`, async () => {
    await using at = await place(settings);
    await using one = at.start("a");
    await one.line(/Change stream opened/);
    await using two = at.start("b");
    await two.line(WAITS);
    for (let i = 0; i < 10; i++) await at.writer.insert(["a", "b"], 50);
    await waitForFolder(at.lake, 500);
    await assertExactlyOnce(at.lake, new Map([["a", 500]]));
    assert(!two.stderr.some((line) => /Change stream opened/.test(line)));
    if (name === "Redis") {
      const status = await runProgram(["status"], { env: at.env });
      assert.match(status.stdout, /waiting/);
      assert.match(status.stdout, /Waiting for instance .*\(the collections\)/);
      const check = await runProgram(["check"], { env: { ...at.env, MONGODB_COLLECTIONS: "b" } });
      assert.match(check.stdout, /warning +Instances +Waiting for instance/);
    }
    // It goes on where the other stopped, and misses nothing of its own from there on.
    await stop(one);
    await two.line(/Change stream opened/);
    await at.writer.insert(["b"], 100);
    await waitForFolder(at.lake, 600);
    await stop(two);
    const [b] = await numbersOf(at.lake, "b");
    assert.equal(b!.last, 599);
    assert.equal((await runProgram(["verify"], { env: at.env })).code, 0);
  });
}

Deno.test("three copies go over to another filter one after the other, under load", async () => {
  await using at = await place(MEETINGS["Redis"]!);
  await using olds = new Programs();
  await using news = new Programs();
  for (let i = 0; i < 3; i++) olds.add(at.start("a"));
  await Promise.any(olds.all.map((each) => each.line(/Change stream opened/)));
  let isOver = false;
  const load = (async () => {
    while (!isOver) await at.writer.insert(["a", "b"], 20);
  })();
  for (const old of olds.all) {
    const next = news.add(at.start("b"));
    await next.line(WAITS);
    await stop(old);
  }
  await Promise.any(news.all.map((each) => each.line(/Change stream opened/)));
  isOver = true;
  await load;
  await at.writer.insert(["b"], 50);
  await at.settled("b");
  for (const each of news.all) await stop(each);
  for (const collection of ["a", "b"]) {
    const [numbers] = await numbersOf(at.lake, collection);
    const { first, last, rows, distinct } = numbers!;
    // One stretch without a hole, each once: of the one from its beginning on, of the other to its end.
    assert.equal(rows, distinct);
    assert.equal(last - first + 1, rows);
    if (collection === "a") assert.equal(first, 0);
    else assert.equal(last, at.writer.inserted.get("b")! - 1);
  }
  assert.equal((await runProgram(["verify"], { env: at.env })).code, 0);
});

interface Place extends AsyncDisposable {
  readonly lake: string;
  readonly env: Record<string, string>;
  readonly writer: MongoWriter;
  /** Starts a copy that wants one collection of the database. */
  start(collection: string): Program;
  /** Waits until the last document of a collection is in the lake. */
  settled(collection: string): Promise<void>;
}

async function place(meeting: (folder: string) => Record<string, string>): Promise<Place> {
  const writer = createMongoWriter(uniqueName("selections"));
  const folder = await Deno.makeTempDir();
  const lake = join(folder, "lake");
  const env = {
    ...streamingSettings(writer.database),
    ...meeting(folder),
    WATCH_LEVEL: "database",
    DESTINATION: `file://${lake}`,
    MONGODB_COLLECTIONS: "a",
  };
  return {
    lake,
    env,
    writer,
    start: (collection) =>
      startProgram(["run"], { env: { ...env, MONGODB_COLLECTIONS: collection } }),
    async settled(collection) {
      const wanted = writer.inserted.get(collection)! - 1;
      for (let rows = 1;; rows++) {
        await waitForFolder(lake, rows);
        const [numbers] = await numbersOf(lake, collection);
        if (numbers?.last === wanted) return;
        rows = Math.max(rows, numbers?.rows ?? 0);
      }
    },
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

class Programs {
  readonly all: Program[] = [];

  add(program: Program): Program {
    this.all.push(program);
    return program;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.all) await each[Symbol.asyncDispose]();
  }
}

async function stop(program: Program): Promise<void> {
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0, program.stderr.join("\n"));
}

interface Numbers {
  readonly first: number;
  readonly last: number;
  readonly rows: number;
  readonly distinct: number;
}

/** Which documents of a collection are in the lake. */
async function numbersOf(lake: string, collection: string): Promise<Numbers[]> {
  const rows = await queryLake(
    lake,
    `SELECT min(n) AS first, max(n) AS last, count(*) AS rows, count(DISTINCT n) AS distinct_rows
     FROM (SELECT CAST(json_extract(full_document, '$.n') AS INTEGER) AS n FROM lake
     WHERE operation = 'insert' AND collection = '${collection}')`,
  );
  return rows.map((row) => ({
    first: Number(row["first"]),
    last: Number(row["last"]),
    rows: Number(row["rows"]),
    distinct: Number(row["distinct_rows"]),
  }));
}
