import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { uniqueName } from "../support/services.ts";
import { streamingSettings } from "./settings.ts";

/** Formats with the compressions that lie around them, inside of them, and nowhere. */
const FORMATS = [
  ["parquet", "zstd"],
  ["parquet", "none"],
  ["avro", "snappy"],
  ["jsonl", "gzip"],
  ["jsonl", "zstd"],
  ["csv", "none"],
] as const;

/** Documents that compress little. */
const DOCUMENTS = 600;
const TEXT_CHARS = 1000;
const STORED_MS_MAX = 240_000;
const ZEROED_BYTES = 20_000;

for (const [format, compression] of FORMATS) {
  for (const recordFormat of ["1", "2"]) {
    Deno.test(`verify --read finds zeros, other objects and a lost end in ${format} ${compression}, records ${recordFormat}`, async () => {
      await using lake = await makeLake({
        FORMAT: format,
        COMPRESSION: compression,
        RECORD_FORMAT: recordFormat,
      });
      const whole = await lake.verify("--read");
      assert.deepEqual([whole.code, whole.stderr], [0, ""], whole.stdout);
      const [first, second] = await lake.objects();
      assert(first !== undefined && second !== undefined);
      const [bytes, other] = await Promise.all([lake.read(first), lake.read(second)]);
      assert(bytes.length > 3 * ZEROED_BYTES, `${bytes.length}`);

      const middle = (bytes.length - ZEROED_BYTES) >> 1;
      await lake.write(first, bytes.slice().fill(0, middle, middle + ZEROED_BYTES));
      // Of records of version 1, zstd may make other letters of zeros: there is nothing to compare them with.
      if (recordFormat === "2" || compression !== "zstd") await lake.assertHole(first, "--read");
      await lake.write(first, other);
      await lake.assertHole(first, "--read");
      await lake.write(first, bytes.slice(0, bytes.length >> 1));
      await lake.assertHole(first, "--read");
      await lake.assertHole(first);
      await Deno.remove(lake.path(first));
      await lake.assertHole(first);
      await lake.write(first, bytes);
      const again = await lake.verify("--read");
      assert.equal(again.code, 0, again.stdout);
    });
  }
}

Deno.test("verify finds an object of the same size and rows that is another, by its checksum", async () => {
  await using lake = await makeLake({ FORMAT: "jsonl", COMPRESSION: "none", RECORD_FORMAT: "2" });
  const [first] = await lake.objects();
  const bytes = await lake.read(first!);
  const text = new TextDecoder().decode(bytes).replace(
    '"operation":"insert"',
    '"operation":"delete"',
  );
  await lake.write(first!, new TextEncoder().encode(text));
  await lake.assertHole(first!);
});

Deno.test("verify finds records that are gone at the head, in the middle and at the tail", async () => {
  await using lake = await makeLake({ RECORD_FORMAT: "2" });
  const records = await lake.records();
  assert(records.length >= 4, `${records}`);
  for (
    const [gone, why] of [
      [records.slice(0, 1), /the record is missing; the journal has lost its beginning/],
      [records.slice(1, 2), /hole in record 1: the record is missing/],
      [records.slice(2), /the journal ends at record 1, and .* is there; restore the rest of /],
      [records, /the journal is missing/],
    ] as const
  ) {
    const kept = await Promise.all(
      gone.map(async (name) => [name, await lake.read(name)] as const),
    );
    for (const name of gone) await Deno.remove(lake.path(name));
    const { code, stdout } = await lake.verify();
    assert.equal(code, 1, stdout);
    assert.match(stdout, why);
    for (const [name, bytes] of kept) await lake.write(name, bytes);
  }
  assert.equal((await lake.verify()).code, 0);
});

Deno.test("verify finds objects that no record names, and leaves other people's files alone", async () => {
  await using lake = await makeLake({ KEY_TEMPLATE: "a/{yyyy}/", RECORD_FORMAT: "2" });
  const [first] = await lake.objects();
  const bytes = await lake.read(first!);
  await lake.write("a/part-00000.parquet", bytes);
  await lake.write("_SUCCESS", new Uint8Array(0));
  assert.equal((await lake.verify()).code, 0);
  const extra = `elsewhere/${first!.split("/").at(-1)!.replace(/-(\d+)-0\./, "-$1-5.")}`;
  await lake.write(extra, bytes);
  await lake.assertHole(extra);
  const { code, stdout } = await lake.verify("--orphans");
  assert.deepEqual([code, stdout], [1, extra]);
  await Deno.remove(lake.path(extra));
  await lake.write(`a/2026/x-${first!.split("/").at(-1)!}`, bytes);
  await Deno.remove(lake.path(first!));
  await lake.assertHole(first!);
});

/** A lake of two objects at least, written by the program and stopped. */
async function makeLake(env: Record<string, string>) {
  const folder = await Deno.makeTempDir();
  await using writer = createMongoWriter(uniqueName("damage"));
  const destination = { DESTINATION: pathToFileURL(folder).href };
  const settings = {
    ...streamingSettings(writer.database),
    ...destination,
    ...env,
    MONGODB_COLLECTIONS: "orders",
    BATCH_SIZE: String(DOCUMENTS / 2),
    BATCH_TIMEOUT: "2s",
  };
  await using program = startProgram(["run"], { env: settings });
  await program.line(/Change stream opened.*orders/);
  const random = new SeededRandom(1);
  const documents = Array.from({ length: DOCUMENTS }, () => ({ text: random.hex(TEXT_CHARS) }));
  await writer.client.db(writer.database).collection("orders").insertMany(documents);
  const batches = () => program.stderr.filter((line) => line.includes('"Batch stored"'));
  const stored = await waitUntil(systemClock, STORED_MS_MAX, () => {
    const events = batches().map((line) => Number(JSON.parse(line).rows));
    return events.reduce((sum, each) => sum + each, 0) >= DOCUMENTS ? true : undefined;
  });
  assert(stored, program.stderr.join("\n"));
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0);
  const path = (key: string) => join(folder, key);
  const verify = (...flags: string[]) => runProgram(["verify", ...flags], { env: destination });
  return {
    path,
    verify,
    read: (key: string) => Deno.readFile(path(key)),
    async write(key: string, bytes: Uint8Array) {
      await Deno.mkdir(path(key).slice(0, path(key).lastIndexOf("/")), { recursive: true });
      await Deno.writeFile(path(key), bytes);
    },
    objects: async () => (await filesBelow(folder)).filter((key) => !key.startsWith("_tributary/")),
    records: async () =>
      (await filesBelow(folder)).filter((key) => /streams\/[^/]+\/\d+\.json$/.test(key)),
    async assertHole(key: string, ...flags: string[]) {
      const { code, stdout } = await verify(...flags);
      assert.equal(code, 1, stdout);
      assert(stdout.includes(`${key}: `), stdout);
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function filesBelow(folder: string, prefix = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(folder, prefix))) {
    if (isDirectory) files.push(...await filesBelow(folder, `${prefix}${name}/`));
    else files.push(prefix + name);
  }
  return files.sort();
}
