/** Dead letters as an operator meets them, and as a version does that knows nothing of rows made of them. */
import assert from "node:assert/strict";
import { layIntoFolder } from "../support/lake_folder.ts";
import { lakeWithLetters } from "../support/letter_lake.ts";
import { BEFORE_REDRIVES, extractOlderVersion } from "../support/older_version.ts";
import { runProgram } from "../support/program.ts";

Deno.test("dead letters are listed, shown and redriven by the program, and the lake is whole for an older one too", async () => {
  await using lake = await layIntoFolder(await lakeWithLetters(8));
  const folder = await Deno.makeTempDir({ prefix: "tributary-older-" });
  try {
    const older = await extractOlderVersion(folder, BEFORE_REDRIVES);
    const env = { DESTINATION: lake.url };
    const listed = await runProgram(["dead-letters", "list"], { env });
    assert.match(listed.stdout, /^collection:shop\.orders: 4 dead letters\n/);
    const file = `${folder}/letters.bson`;
    const show = ["dead-letters", "show", "shop.orders", "1"];
    const shown = await runProgram([...show, "--bson", file], { env });
    assert.equal(shown.code, 0, shown.stderr);
    assert((await Deno.stat(file)).size > 0);
    const redriven = await runProgram(["dead-letters", "redrive"], { env });
    assert.equal(redriven.code, 0, redriven.stderr);
    assert.match(redriven.stdout, /record 2: 2 events are rows now: .*\.redriven\.jsonl/);
    for (const executable of [undefined, older]) {
      const of = executable === undefined ? {} : { executable };
      const verified = await runProgram(["verify", "--read"], { env, ...of });
      assert.equal(verified.code, 0, verified.stdout + verified.stderr);
      const orphans = await runProgram(["verify", "--orphans"], { env, ...of });
      assert.deepEqual([orphans.code, orphans.stdout], [0, ""]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
