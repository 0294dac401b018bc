import assert from "node:assert/strict";
import fc from "fast-check";
import { walkFolders, walkKeys } from "../../../../src/destination/directory/directory_walk.ts";
import { compareUtf8 } from "../../../../src/support/bytes/utf8_order.ts";

/** Runs `check` on a directory with these (empty) files. */
async function withFiles(
  keys: readonly string[],
  check: (root: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    for (const key of keys) {
      await Deno.mkdir(`${root}/${key}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${root}/${key}`, "");
    }
    await check(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function keysOf(root: string, prefix: string, after?: string): Promise<string[]> {
  return await Array.fromAsync(walkKeys(root, prefix, after));
}

Deno.test("walkKeys finds what sorting and filtering all keys would find", async () => {
  // Names that sort around the slash, none of which is a folder and a file.
  const name = fc.constantFrom("a", "a-", "a.b", "a0", "b", "\uff5e", "\u{1f600}");
  const folders = fc.array(name, { maxLength: 2 });
  const key = fc.tuple(folders, name).map(([path, file]) => [...path, `${file}.j`].join("/"));
  const keys = fc.uniqueArray(key, { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(keys, key, fc.nat(4), async (all, after, prefixLength) => {
      const prefix = after.isWellFormed() ? after.slice(0, prefixLength) : "";
      fc.pre(prefix.isWellFormed() && !prefix.includes("//"));
      await withFiles(all, async (root) => {
        const wanted = all.filter((k) => k.startsWith(prefix) && compareUtf8(k, after) > 0);
        assert.deepEqual(await keysOf(root, prefix, after), wanted.sort(compareUtf8));
      });
    }),
    { numRuns: 60 },
  );
});

Deno.test("walkKeys keeps the order in a folder with more names than it holds", async () => {
  const names = Array.from({ length: 57 }, (_, i) => `s/${(i * 17) % 57 + 10}`);
  await withFiles([...names, "s/33-folder/x", "s/33-folder/y"], async (root) => {
    const sorted = [...names, "s/33-folder/x", "s/33-folder/y"].sort();
    for (const namesHeldMax of [1, 2, 5, 100]) {
      const all = await Array.fromAsync(walkKeys(root, "s/", undefined, namesHeldMax));
      assert.deepEqual(all, sorted);
      const some = await Array.fromAsync(walkKeys(root, "", "s/33", namesHeldMax));
      assert.deepEqual(some, sorted.slice(sorted.indexOf("s/33") + 1));
    }
  });
});

Deno.test("walkKeys shows no temporary files", async () => {
  await withFiles(["_tributary/tmp/1.tmp", "_tributary/tmpx/1", "a/tmp/1"], async (root) => {
    assert.deepEqual(await keysOf(root, ""), ["_tributary/tmpx/1", "a/tmp/1"]);
    assert.deepEqual(await keysOf(root, "_tributary/tmp"), ["_tributary/tmpx/1"]);
    assert.deepEqual(await walkFolders(root, "_tributary/"), ["tmpx"]);
  });
});

Deno.test("walkKeys follows links to folders and files", async () => {
  await withFiles(["real/a"], async (root) => {
    await Deno.symlink(`${root}/real`, `${root}/linked`);
    await Deno.symlink(`${root}/real/a`, `${root}/file`);
    await Deno.symlink(`${root}/nowhere`, `${root}/broken`);
    assert.deepEqual(await keysOf(root, ""), ["file", "linked/a", "real/a"]);
    assert.deepEqual(await walkFolders(root, ""), ["linked", "real"]);
  });
});

Deno.test("walkFolders leaves out folders without objects", async () => {
  await withFiles(["s/full/deep/0"], async (root) => {
    await Deno.mkdir(`${root}/s/empty/deeper`, { recursive: true });
    assert.deepEqual(await walkFolders(root, "s/"), ["full"]);
  });
});
