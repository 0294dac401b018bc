import assert from "node:assert/strict";
import { createFolderObjects } from "../../../../src/coordinate/objects/folder_objects.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { systemRandom } from "../../../../src/support/random.ts";

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(`${folder}/not/yet`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("of many who replace one version one succeeds, and old versions are removed", async () => {
  await withFolder(async (folder) => {
    const all = Array.from(
      { length: 10 },
      () => createFolderObjects(folder, systemClock, systemRandom),
    );
    const created = await Promise.all(all.map((each, i) => each.create("members/a", `first ${i}`)));
    assert.equal(created.filter((etag) => etag !== undefined).length, 1);
    for (let round = 0; round < 5; round++) {
      const found = await all[0]!.get("members/a");
      assert(typeof found === "object");
      const written = await Promise.all(
        all.map((each, i) => each.replace("members/a", `${round} ${i}`, found.etag)),
      );
      assert.equal(written.filter((etag) => etag !== undefined).length, 1);
    }
    const names = [...Deno.readDirSync(`${folder}/members/a`)].map(({ name }) => name);
    assert.deepEqual(names, ["0000000006"]);
    assert.equal(await all[0]!.get("members/a", "6"), "unchanged");
  });
});

Deno.test("a version whose successor was replaced and removed cannot be replaced any more", async () => {
  await withFolder(async (folder) => {
    const objects = createFolderObjects(folder, systemClock, systemRandom);
    const first = (await objects.create("division", "1"))!;
    const second = (await objects.replace("division", "2", first))!;
    await objects.replace("division", "3", second);
    // The file that would stop this one is gone.
    assert.equal(await objects.replace("division", "late", first), undefined);
    // Others are faster between its look and its write.
    const folderOf = `${folder}/division`;
    const overtaken = createFolderObjects(folder, systemClock, {
      ...systemRandom,
      hex(digits) {
        Deno.renameSync(`${folderOf}/0000000003`, `${folderOf}/0000000005`);
        return systemRandom.hex(digits);
      },
    });
    assert.equal(await overtaken.replace("division", "late", "3"), undefined);
    const found = await objects.get("division");
    assert.equal(typeof found === "object" && found.text, "3");
  });
});

Deno.test("the list has all below a prefix, with their ages, and nothing where there is no folder", async () => {
  await withFolder(async (folder) => {
    const objects = createFolderObjects(folder, systemClock, systemRandom);
    assert.equal((await objects.list("members/")).size, 0);
    assert.equal(await objects.get("division"), undefined);
    for (const key of ["members/a", "members/b", "division"]) await objects.create(key, "x");
    const listed = await objects.list("members/");
    assert.deepEqual([...listed.keys()], ["members/a", "members/b"]);
    for (const { ageMs } of listed.values()) assert(ageMs! < 600_000, String(ageMs));
  });
});
