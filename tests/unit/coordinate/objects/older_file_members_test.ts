import assert from "node:assert/strict";
import { createOlderFileMembers } from "../../../../src/coordinate/objects/older_file_members.ts";
import { memberOf } from "../../../support/object_world.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("members that an older version keeps in files live until the time in their file", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const clock = new VirtualClock();
    const members = createOlderFileMembers(folder, clock);
    const endMs = clock.wallMs() + 5000;
    await Deno.writeTextFile(
      `${folder}/a.json`,
      JSON.stringify({ endMs, ...memberOf("a") }) + "\n",
    );
    await Deno.writeTextFile(`${folder}/b.json`, "cut o");
    assert.deepEqual(await members.list(), [{ ...memberOf("a"), leftMs: 5000 }]);
    await clock.advance(5000);
    assert.deepEqual(await members.list(), []);
    assert.deepEqual(await createOlderFileMembers(`${folder}/none`, clock).list(), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
