import { join } from "node:path";

const NAME = "demo-lake";

/**
 * The name of a folder in `parent` that nobody uses: `demo-lake`, or with a number behind where that is taken. What
 * former runs left is never touched.
 */
export function freeLakeFolder(parent: string): string {
  for (let number = 1;; number++) {
    const name = number === 1 ? NAME : `${NAME}-${number}`;
    if (isFree(join(parent, name))) return name;
  }
}

function isFree(path: string): boolean {
  try {
    return Deno.readDirSync(path)[Symbol.iterator]().next().done === true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    // A file of that name, or a folder we may not read: somebody's.
    return false;
  }
}
