import assert from "node:assert/strict";
import { PermanentError, UnreadableEventError } from "../../../../src/model/errors.ts";
import type { Position } from "../../../../src/model/position.ts";
import type { EventCursor } from "../../../../src/pipeline/ports.ts";
import { GroupScene } from "../../../support/group_scene.ts";

const NAMES = Array.from({ length: 50 }, (_, i) => `c${i}`);

Deno.test("rights that come later are noticed, soon at first, and that they are still missing is told once", async () => {
  const scene = new GroupScene();
  scene.plan = ({ isGroup }) => isGroup ? "denied" : undefined;
  const cursors = await scene.openAll(["a", "b", "c"]);
  const reads = cursors.map((cursor) => assert.rejects(readOn(cursor)));
  const asked = () => scene.openings.filter(({ isGroup }) => isGroup).length;
  assert.equal(asked(), 1);
  await scene.clock.advance(35_000);
  assert.equal(asked(), 2);
  // Again after 60 s, 120 s and 240 s.
  await scene.clock.advance(585_000);
  assert.equal(asked(), 5);
  assert.deepEqual(scene.sizes, [1, 1, 1]);
  assert.deepEqual(scene.told, [{ type: "not-shared", form: "database shop" }]);
  scene.plan = () => undefined;
  await scene.clock.advance(620_000);
  assert.deepEqual(scene.sizes, [3]);
  assert.deepEqual(scene.shared.readers().map(({ alone }) => alone), [undefined]);
  for (const cursor of cursors) await cursor.close();
  await scene.clock.finish(Promise.all(reads));
});

Deno.test("where each is alone by want of rights, one that fails begins anew like any other", async () => {
  const scene = new GroupScene();
  scene.plan = ({ isGroup }) => isGroup ? "denied" : undefined;
  const cursors = await scene.openAll(NAMES);
  scene.failNext = ([name]) => {
    if (name === "c7") throw new PermanentError("may not read c7 just now");
  };
  await scene.clock.finish(assert.rejects(readOn(cursors[7]!), PermanentError));
  await cursors[7]!.close();
  scene.failNext = () => {};
  scene.insert("c7");
  const again = scene.begin("c7");
  await scene.clock.advance(1_000);
  assert.equal(scene.sizes.length, NAMES.length);
  assert.deepEqual(await scene.read(await again, 1), ["insert c7"]);
});

Deno.test("those alone by want of rights take no place from those who share", async () => {
  const scene = new GroupScene();
  const other = (collection: string) => {
    const request = scene.requestOf(collection);
    return { ...request, stream: { ...request.stream, database: "open" } as never };
  };
  scene.plan = ({ isGroup, database }) => {
    return isGroup && database !== "open" ? "denied" : undefined;
  };
  const never = new AbortController().signal;
  const opened = ["x", "y", "z"].map((name) => scene.shared.open(other(name), never));
  await scene.openAll(NAMES);
  const [x] = await scene.clock.finish(Promise.all(opened));
  scene.failNext = (names) => {
    if (names.includes("x")) throw new PermanentError("may not read x just now");
  };
  await scene.clock.finish(assert.rejects(readOn(x!), PermanentError));
  await x!.close();
  scene.failNext = () => {};
  const again = scene.shared.open(other("x"), never);
  await scene.clock.advance(1_000);
  assert.deepEqual(scene.sizes.slice(0, 2), [2, 1]);
  assert.equal(scene.sizes.length, NAMES.length + 2);
  await again;
});

Deno.test("where many have events that cannot be read, again and again, nobody waits long for a place", async () => {
  const scene = new GroupScene();
  const unread = new Set<string>();
  scene.failNext = (names) => {
    if (names.some((name) => unread.has(name))) throw new UnreadableEventError("image-missing", "");
  };
  const seen = new Set<string>();
  for (const name of NAMES) {
    void readPast(scene, name, () => unread.delete(name), () => seen.add(name));
  }
  await scene.clock.advance(3_000);
  for (let round = 0; round < 4; round++) {
    for (const name of NAMES) unread.add(name);
    await scene.clock.advance(3_000);
    seen.clear();
    for (const name of NAMES) scene.insert(name);
    let seconds = 0;
    for (; seen.size < NAMES.length; seconds++) await scene.clock.advance(1_000);
    assert.ok(seconds <= 20, `${seconds} seconds in round ${round}`);
    assert.ok(scene.sizes.length <= 9, `${scene.sizes.length} change streams`);
  }
});

/** Until it fails. */
async function readOn(cursor: EventCursor): Promise<never> {
  for (;;) await cursor.next(100);
}

/** Reads for ever, and passes each event that cannot be read. */
async function readPast(scene: GroupScene, name: string, pass: () => void, see: () => void) {
  let cursor = await scene.begin(name);
  for (let from: Position | undefined;;) {
    try {
      const { starts, highWater } = await cursor.next(100);
      from = highWater;
      if (starts.length > 0) see();
    } catch (error) {
      if (!(error instanceof UnreadableEventError)) throw error;
      await cursor.close();
      pass();
      cursor = await scene.begin(name, from);
    }
  }
}
