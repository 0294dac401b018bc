import assert from "node:assert/strict";
import { joinOnce } from "../../../../src/table/compaction/join_once.ts";

Deno.test("who wants an object that is being made waits for it, and afterwards it is made again", async () => {
  const made: string[] = [];
  let go = () => {};
  const join = joinOnce(async (_, __, output) => {
    made.push(output);
    await new Promise<void>((resolve) => go = resolve);
    if (output === "bad") throw new Error("no");
  });
  const [first, second] = [join("f", [], "a"), join("f", [], "a")];
  go();
  await Promise.all([first, second]);
  assert.deepEqual(made, ["a"]);
  const third = join("f", [], "a");
  go();
  await third;
  const failed = join("f", [], "bad");
  go();
  await assert.rejects(failed, /no/);
  assert.deepEqual(made, ["a", "a", "bad"]);
});
