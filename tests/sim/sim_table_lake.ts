import type { MemoryDestination } from "../../src/destination/memory_destination.ts";
import type { OpenDestination } from "../../src/destination/open_destination.ts";
import type { ListOptions } from "../../src/pipeline/ports.ts";
import { concatChunks } from "../../src/support/bytes/concat_bytes.ts";
import { compareUtf8 } from "../../src/support/bytes/utf8_order.ts";
import type { SimWorld } from "./sim_world.ts";

/** What lies with the tables, so that nothing else of the world is another one for them. */
const OF_TABLES = /^_tributary\/(compactions|tables)\/|(^|\/)(_delta_log|metadata|_compact)\//;

/** A lake and its tables as one place, as they are anywhere but in the simulation. */
export function tableLake(
  world: SimWorld,
  tables: MemoryDestination,
  remove: (key: string) => Promise<void> = () => Promise.reject(new Error("Nobody deletes here")),
): OpenDestination {
  const isObject = (key: string) => !key.startsWith("_tributary/");
  const storeOf = (key: string) =>
    OF_TABLES.test(key) ? tables : isObject(key) ? world.objects : world.lake;
  const stores = [...new Set([tables, world.lake, world.objects])];
  return {
    url: tables.url,
    remarks: [],
    putIfAbsent: (key, bytes) => storeOf(key).putIfAbsent(key, bytes),
    putStreamed: async (key, chunks) =>
      await storeOf(key).putIfAbsent(key, await concatChunks(chunks)),
    replace: (key, bytes) => storeOf(key).replace(key, bytes),
    remove: (key) => OF_TABLES.test(key) ? tables.remove(key) : remove(key),
    head: (key) => storeOf(key).head(key),
    get: (key, range) => storeOf(key).get(key, range),
    async list(prefix, options: ListOptions) {
      const lists = await Promise.all(stores.map((store) => store.list(prefix, options)));
      return lists.flat().sort(compareUtf8).slice(0, options.limit);
    },
    async listFolders(prefix) {
      const lists = await Promise.all(stores.map((store) => store.listFolders(prefix)));
      return [...new Set(lists.flat())].sort(compareUtf8);
    },
    keyFault: (key) => world.objects.keyFault(key),
    checkLargeObjects: () => Promise.resolve(),
    checkMedium: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
