/** Texts that are compared with files; `UPDATE_GOLDEN=1` writes the files. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { dirname, join } from "node:path";

const GOLDEN = fileURLToPath(new URL("../golden/", import.meta.url));

/** Asserts that the text is that of the file, whose path is below `tests/golden`. */
export function assertGolden(path: string, text: string): void {
  const file = join(GOLDEN, path);
  if (Deno.env.get("UPDATE_GOLDEN") === "1") {
    Deno.mkdirSync(dirname(file), { recursive: true });
    Deno.writeTextFileSync(file, text);
  }
  assert.equal(text, Deno.readTextFileSync(file), `${path} differs; UPDATE_GOLDEN=1 rewrites it`);
}
