import { createHash } from "node:crypto";
import { basename } from "node:path";

/** The files' SHA-256 as `sha256sum --check` reads them, in the order of their names. */
export async function checksums(paths: readonly string[]): Promise<string> {
  const sorted = [...paths].sort((a, b) => basename(a) < basename(b) ? -1 : 1);
  const lines: string[] = [];
  for (const path of sorted) lines.push(`${await sha256(path)}  ${basename(path)}\n`);
  return lines.join("");
}

/** In pieces: an executable has a hundred megabytes. */
async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const piece of file.readable) hash.update(piece);
  return hash.digest("hex");
}
