import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { streamingSettings } from "./settings.ts";

const WAIT_MS_MAX = 240_000;
const JOURNALS = "_tributary/streams/";
const LEFT_OUT = ["_tributary/state/", "_tributary/tmp/"];

Deno.test("a lake that is copied while it is written, journals first, goes on as disaster-recovery says", async () => {
  const [original, copy] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  await using writer = createMongoWriter(uniqueName("copied"));
  const settings = (folder: string) => ({
    ...streamingSettings(writer.database),
    MONGODB_COLLECTIONS: "orders",
    DESTINATION: pathToFileURL(folder).href,
    FORMAT: "jsonl",
    COMPRESSION: "none",
  });
  await using first = startProgram(["run"], { env: settings(original) });
  await first.line(/Change stream opened.*orders/);
  const insertUntil = async (rows: number) => {
    await writer.insert(["orders"], 250);
    return (await tokensBelow(original)).length >= rows ? true : undefined;
  };
  assert(await waitUntil(systemClock, WAIT_MS_MAX, () => insertUntil(500)));
  await copyFiles(original, copy, (key) => key.startsWith(JOURNALS));
  const before = (await tokensBelow(original)).length;
  assert(await waitUntil(systemClock, WAIT_MS_MAX, () => insertUntil(before + 500)));
  await copyFiles(
    original,
    copy,
    (key) => !key.startsWith(JOURNALS) && !LEFT_OUT.some((folder) => key.startsWith(folder)),
  );

  const verify = (...flags: string[]) => runProgram(["verify", ...flags], { env: settings(copy) });
  const found = await verify();
  assert.equal(found.code, 1);
  assert.match(found.stdout, /the journal ends at record \d+, and .* there/);
  const { stdout } = await verify("--orphans");
  const orphans = stdout.split("\n");
  assert(orphans.every((key) => key.endsWith(".jsonl")), stdout);
  for (const key of orphans) await Deno.remove(join(copy, key));
  assert.doesNotMatch((await verify()).stdout, /no record names it|the journal ends/);

  await using second = startProgram(["run"], { env: settings(copy) });
  const inserted = () => writer.inserted.get("orders")!;
  const caughtUp = async () => {
    const tokens = await tokensBelow(copy);
    return tokens.length >= inserted() ? tokens : undefined;
  };
  const tokens = await waitUntil(systemClock, WAIT_MS_MAX, caughtUp);
  second.kill("SIGTERM");
  assert.equal((await second.ended).code, 0);
  assert.deepEqual([tokens?.length, new Set(tokens).size], [inserted(), inserted()]);
  const whole = await verify("--read");
  assert.equal(whole.code, 0, whole.stdout);
  first.kill("SIGTERM");
  await first.ended;
  for (const folder of [original, copy]) await Deno.remove(folder, { recursive: true });
});

/** In the order of their names, as a listing gives them. */
async function copyFiles(from: string, to: string, isWanted: (key: string) => boolean) {
  for (const key of (await filesBelow(from)).filter(isWanted)) {
    await Deno.mkdir(join(to, key, ".."), { recursive: true });
    await Deno.copyFile(join(from, key), join(to, key));
  }
}

/** The resume tokens of all rows. */
async function tokensBelow(folder: string): Promise<string[]> {
  const files = (await filesBelow(folder)).filter((key) => key.endsWith(".jsonl"));
  const texts = await Promise.all(files.map((key) => Deno.readTextFile(join(folder, key))));
  return texts.flatMap((text) => text.trim().split("\n"))
    .map((row) => String(JSON.parse(row).resume_token));
}

async function filesBelow(folder: string, prefix = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(folder, prefix))) {
    if (isDirectory) files.push(...await filesBelow(folder, `${prefix}${name}/`));
    else if (!name.endsWith(".tmp")) files.push(prefix + name);
  }
  return files.sort();
}
