import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { LakeWorld } from "./lake_world.ts";

/** A lake on disk, as the program finds it; gone at the end. */
export interface LakeFolder extends AsyncDisposable {
  readonly path: string;
  /** Its address, for `DESTINATION`. */
  readonly url: string;
}

const KEYS_MAX = 100_000;

/** Lays everything that is in a world's destination into a new folder. */
export async function layIntoFolder(world: LakeWorld): Promise<LakeFolder> {
  const path = await Deno.makeTempDir();
  for (const key of await world.destination.list("", { limit: KEYS_MAX })) {
    const file = join(path, key);
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.writeFile(file, (await world.destination.get(key))!);
  }
  return {
    path,
    url: pathToFileURL(path).href,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
