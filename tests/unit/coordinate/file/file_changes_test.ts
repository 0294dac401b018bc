import assert from "node:assert/strict";
import { createFileChanges } from "../../../../src/coordinate/file/file_changes.ts";
import { systemRandom } from "../../../../src/support/random.ts";

Deno.test("createFileChanges says something else after each mark, to everybody", async () => {
  const root = await Deno.makeTempDir();
  try {
    const [one, other] = [1, 2].map(() => createFileChanges(`${root}/a/b`, systemRandom));
    const seen = [await one!.read()];
    for (const marker of [one!, other!, one!]) {
      await marker.mark();
      seen.push(await other!.read());
      assert.equal(await one!.read(), seen.at(-1));
    }
    assert.equal(new Set(seen).size, 4);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
