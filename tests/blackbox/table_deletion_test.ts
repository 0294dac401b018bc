/** Small objects that were joined long ago are deleted by the real program, which is killed meanwhile: engines read each row once. */
import assert from "node:assert/strict";
import { openDestination } from "../../src/destination/destinations.ts";
import { DEFAULT_RETRY, type OpenDestination } from "../../src/destination/open_destination.ts";
import { MemoryOplog } from "../../src/source/memory/memory_oplog.ts";
import { systemClock } from "../../src/support/clock.ts";
import { listAll } from "../../src/support/flow/list_all.ts";
import { systemRandom } from "../../src/support/random.ts";
import { LakeWorld } from "../support/lake_world.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { ensureBucket, s3TestOptions } from "../support/s3_bucket.ts";
import { uniqueName } from "../support/services.ts";
import { queryTable, TABLE_READERS } from "../support/table_readers.ts";
import { FOLDER, write } from "../support/table_world.ts";
import { s3Settings } from "./settings.ts";

/** Hours of then are over by any clock. */
const LONG_AGO = { t: 1_700_000_000, i: 1 };

const ROWS = 2000;
const WEEK_MS = 7 * 24 * 3_600_000;
const NOTE = `_tributary/tables/retention/${FOLDER}.json`;

/** Far more than it takes, for slow machines. */
const MARKED_MS_MAX = 240_000;
const BUCKET = "table-deletion";

const tools = { clock: systemClock, random: systemRandom };

async function layInto(destination: OpenDestination): Promise<void> {
  const world = new LakeWorld(1, new MemoryOplog(LONG_AGO));
  await write(world, ROWS);
  for (const key of await world.destination.list("", { limit: 10_000 })) {
    await destination.putIfAbsent(key, (await world.destination.get(key))!);
  }
}

async function smallIn(destination: OpenDestination): Promise<number> {
  const keys = await listAll(destination, `${FOLDER}/year=`);
  return keys.filter((key) => key.endsWith(".parquet")).length;
}

/** As if a week had passed since somebody has looked. */
async function passAWeek(destination: OpenDestination): Promise<void> {
  const { v, named } = JSON.parse(new TextDecoder().decode(await destination.get(NOTE)));
  for (const since of Object.values<{ sinceMs: number }>(named)) since.sinceMs -= WEEK_MS;
  await destination.replace(NOTE, new TextEncoder().encode(JSON.stringify({ v, named })));
}

/** Everybody counts each row once, and nobody calls anything missing. */
async function assertWhole(
  env: Record<string, string>,
  format: keyof typeof TABLE_READERS,
  address: string,
): Promise<void> {
  for (const args of [["verify"], ["verify", "--read"], ["table", "verify", "all"]]) {
    const { code, stdout, stderr } = await runProgram(args, { env });
    assert.deepEqual([code, stderr], [0, ""], `${args} ${stdout}`);
  }
  const sql = "SELECT count(*) AS rows, count(DISTINCT resume_token) AS tokens FROM t";
  for (const reader of TABLE_READERS[format]) {
    assert.deepEqual(
      await queryTable(reader, address, sql),
      [{ rows: ROWS, tokens: ROWS }],
      reader,
    );
  }
}

/** Makes the tables anew: those of Iceberg keep states of before for eight days, which name what was joined. */
async function makeAnew(env: Record<string, string>): Promise<void> {
  for (const verb of ["drop", "build"]) {
    assert.equal((await runProgram(["table", verb, "all"], { env })).code, 0);
  }
}

const CASES = [["delta", "folder"], ["delta", "s3"], ["iceberg", "folder"], [
  "iceberg",
  "s3",
]] as const;

for (const [format, kind] of CASES) {
  Deno.test(`objects that were joined are deleted, and each row stays: ${format}, ${kind}`, async () => {
    const folder = await Deno.makeTempDir();
    const prefix = uniqueName("lake");
    if (kind === "s3") await ensureBucket(BUCKET);
    const settings = kind === "s3"
      ? s3Settings(BUCKET, prefix)
      : { DESTINATION: `file://${folder}` };
    const env: Record<string, string> = { ...settings, TABLES: format, TABLE_RETENTION: "7d" };
    const own = kind === "s3" ? { s3: s3TestOptions() } : {};
    const destination = await openDestination(
      env["DESTINATION"]!,
      { retry: DEFAULT_RETRY, ...own },
      tools,
    );
    const address = `${kind === "s3" ? env["DESTINATION"] : folder}/${FOLDER}`;
    try {
      await layInto(destination);
      const compact = ["table", "compact", "all"];
      assert.equal((await runProgram(compact, { env })).code, 0);
      if (format === "iceberg") {
        await makeAnew(env);
        assert.equal((await runProgram(compact, { env })).code, 0);
      }
      assert.equal(await smallIn(destination), ROWS / 4);
      await passAWeek(destination);
      await using killed = startProgram(compact, { env });
      const marked = async () => {
        const keys = await listAll(destination, `_tributary/compactions/${FOLDER}/`);
        return keys.some((key) => key.endsWith(".deleting.json"));
      };
      // Without a pause, for the deletion is short.
      const deadlineMs = systemClock.monotonicMs() + MARKED_MS_MAX;
      while (!await marked()) {
        assert.ok(systemClock.monotonicMs() < deadlineMs, `nothing is marked: ${killed.stderr}`);
      }
      killed.kill("SIGKILL");
      await killed.ended;
      await assertWhole(env, format, address);
      const rest = await runProgram(compact, { env });
      assert.deepEqual([rest.code, rest.stderr], [0, ""]);
      assert.equal(await smallIn(destination), 0);
      await assertWhole(env, format, address);
      await makeAnew(env);
      await assertWhole(env, format, address);
    } finally {
      await destination.close();
      await Deno.remove(folder, { recursive: true });
    }
  });
}
