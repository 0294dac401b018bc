import assert from "node:assert/strict";
import { positionAfterTime } from "../../../../src/model/position.ts";
import { GroupScene } from "../../../support/group_scene.ts";

Deno.test("a group reads on while the next change stream is opened for those who join", async () => {
  const scene = new GroupScene();
  const [a] = await scene.openAll(["a", "b"]);
  let release = () => {};
  const gate = new Promise<void>((resolve) => release = resolve);
  const { admit } = scene.inner;
  scene.inner.admit = async (requests, signal) => {
    await gate;
    return await admit(requests, signal);
  };
  const joining = scene.begin("c");
  await scene.clock.advance(5_000);
  scene.insert("a");
  assert.deepEqual(await scene.read(a!, 1), ["insert a"]);
  release();
  const c = await scene.clock.finish(joining);
  scene.insert("c");
  scene.insert("a");
  assert.deepEqual(await scene.read(c, 1), ["insert c"]);
  assert.deepEqual(await scene.read(a!, 1), ["insert a"]);
});

Deno.test("a group that fails to open for those who join goes on for those who are in", async () => {
  const scene = new GroupScene();
  const [a] = await scene.openAll(["a", "b"]);
  scene.plan = ({ names }) => {
    if (names.length > 2) throw new Error("not for three");
    return undefined;
  };
  const c = await scene.open("c");
  assert.deepEqual(scene.sizes, [2, 1]);
  scene.insert("a");
  scene.insert("c");
  assert.deepEqual(await scene.read(a!, 1), ["insert a"]);
  assert.deepEqual(await scene.read(c, 1), ["insert c"]);
});

Deno.test("a group forgets the names of members that have left, after a while", async () => {
  const scene = new GroupScene();
  const [, b] = await scene.openAll(["a", "b", "c"]);
  await b!.close();
  await scene.clock.advance(4_000);
  assert.equal(scene.openings.length, 1);
  await scene.clock.advance(2_000);
  assert.deepEqual(scene.openings.at(-1)!.names, ["a", "c"]);
});

Deno.test("who joins does not wait until names are forgotten", async () => {
  const scene = new GroupScene();
  const [, b] = await scene.openAll(["a", "b", "c"]);
  await scene.clock.advance(2_000);
  await b!.close();
  const startMs = scene.clock.monotonicMs();
  await scene.open("d");
  assert.ok(scene.clock.monotonicMs() - startMs < 1_000);
});

Deno.test("two readings of one collection are given the same", async () => {
  const scene = new GroupScene();
  const later = positionAfterTime(scene.oplog.operationTime);
  const cursors = await scene.clock.finish(
    Promise.all([scene.begin("a"), scene.begin("a", later)]),
  );
  scene.insert("a");
  for (const cursor of cursors) assert.deepEqual(await scene.read(cursor, 1), ["insert a"]);
});
