import assert from "node:assert/strict";
import { inTurn, lookAtAll } from "../../../../src/pipeline/snapshot/look_in_turn.ts";

Deno.test("inTurn looks on until enough was found, and tells whether something is left", async () => {
  const ids = ["a", "b", "c", "d", "e"];
  const looked: string[] = [];
  const find = (each: readonly string[]) => {
    looked.push(each.join(""));
    return Promise.resolve(each.length);
  };
  assert.equal(await inTurn(ids, 2, 3, find), true);
  assert.deepEqual(looked.splice(0), ["ab", "cd"]);
  assert.equal(await inTurn(ids, 2, 5, find), false);
  assert.deepEqual(looked.splice(0), ["ab", "cd", "e"]);
  assert.equal(
    await inTurn(ids, 2, 1, () => Promise.resolve(0)),
    false,
    "all, where nothing is found",
  );
});

Deno.test("lookAtAll looks at snapshots of one target one after the other, and at others beside", async () => {
  const running = new Set<string>();
  let most = 0;
  await lookAtAll(["a.1", "a.2", "b.1"], async (id) => {
    const target = id[0]!;
    assert(!running.has(target), "two of one target at once");
    running.add(target);
    most = Math.max(most, running.size);
    await Promise.resolve();
    running.delete(target);
  });
  assert.equal(most, 2);
});
