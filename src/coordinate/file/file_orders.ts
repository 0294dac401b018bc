import { join } from "node:path";
import { encodeName } from "../../model/keys/name_encoding.ts";
import type { Clock } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import type { FileChanges } from "./file_changes.ts";
import { FLUSH_MS, type Orders } from "../orders.ts";
import { namesIn, readText, removeFile, replaceText } from "./shared_folder.ts";

export interface FileOrdersOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly changes: FileChanges;
}

/**
 * Orders in a folder: a file with the stream's key in `paused/`, and one with the key and the wall clock's time of the
 * order in `flushes/`, a line each.
 */
export function createFileOrders(
  folder: string,
  { clock, random, changes }: FileOrdersOptions,
): Orders {
  const fileOf = (kind: "paused" | "flushes", key: string) => join(folder, kind, encodeName(key));
  const write = async (kind: "paused" | "flushes", key: string, text: string): Promise<void> => {
    await replaceText(fileOf(kind, key), text, `order-${random.hex(16)}`);
    await changes.mark();
  };
  return {
    async paused() {
      const keys = new Set<string>();
      for (const name of await namesIn(join(folder, "paused"))) {
        const [key = ""] = (await readText(join(folder, "paused", name)) ?? "").split("\n");
        if (key !== "") keys.add(key);
      }
      return keys;
    },
    pause: (key) => write("paused", key, `${key}\n`),
    async resume(key) {
      if (await removeFile(fileOf("paused", key))) await changes.mark();
    },
    flush: (key) => write("flushes", key, `${key}\n${clock.wallMs()}\n`),
    async takeFlushes(keys) {
      const taken: string[] = [];
      for (const name of await namesIn(join(folder, "flushes"))) {
        const path = join(folder, "flushes", name);
        const [key = "", atMs = ""] = (await readText(path) ?? "").split("\n");
        const isOver = !(clock.wallMs() - Number(atMs) < FLUSH_MS);
        // Of several who want it, one has removed it.
        if ((isOver || keys.includes(key)) && await removeFile(path) && !isOver) taken.push(key);
      }
      return taken;
    },
  };
}
