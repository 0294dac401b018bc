import { join } from "node:path";
import type { Random } from "../../support/random.ts";
import { readText, replaceText } from "./shared_folder.ts";

/** The file whose text is another one after each change somebody may wait for. */
export interface FileChanges {
  /** What it says now. */
  read(): Promise<string>;
  /** Tells that something has changed. */
  mark(): Promise<void>;
}

export function createFileChanges(folder: string, random: Random): FileChanges {
  const path = join(folder, "changes");
  return {
    read: async () => await readText(path) ?? "",
    mark: () => replaceText(path, random.uuid(), `changes-${random.hex(16)}`),
  };
}
