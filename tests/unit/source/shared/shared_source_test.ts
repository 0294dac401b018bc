import assert from "node:assert/strict";
import {
  HistoryLostError,
  PermanentError,
  TransientError,
  UnreadableEventError,
} from "../../../../src/model/errors.ts";
import type { OpenRequest } from "../../../../src/pipeline/ports.ts";
import { type Position, positionAfterTime, positionAt } from "../../../../src/model/position.ts";
import { GROUP_START, GroupScene, namesOfEvents } from "../../../support/group_scene.ts";

const NAMES = Array.from({ length: 50 }, (_, i) => `c${i}`);

Deno.test("streams that begin together share one change stream, and each has its own events", async () => {
  const scene = new GroupScene();
  for (const name of NAMES) scene.insert(name, 2);
  scene.insert("other");
  const cursors = await scene.openAll(NAMES);
  assert.deepEqual(scene.openings.map(({ names }) => names.length), [50]);
  for (const [i, cursor] of cursors.entries()) {
    const reply = await scene.next(cursor);
    assert.deepEqual(namesOfEvents(reply), [`insert c${i}`, `insert c${i}`]);
    assert.equal(reply.invalidated, false);
  }
});

Deno.test("a stream alone, a range, a poorer form and a partition are opened as ever", async () => {
  const scene = new GroupScene();
  const request = scene.requestOf("a");
  const { live: _, ...range } = request;
  const partition = { index: 1, of: 2 };
  const never = new AbortController().signal;
  await scene.openAll(["a", "b"]);
  scene.openings.length = 0;
  await scene.shared.open(range, never);
  await scene.shared.open({ ...range, through: positionAt(GROUP_START) }, never);
  await scene.shared.open({ ...request, stream: { ...request.stream, partition } as never }, never);
  const { reading: _own, ...own } = request.settings;
  await scene.shared.open({ ...request, settings: own }, never);
  assert.deepEqual(scene.openings.map(({ isGroup }) => isGroup), [false, false, false, false]);
  assert.deepEqual(scene.sizes, [2]);
});

Deno.test("streams whose events are shaped otherwise do not share", async () => {
  const scene = new GroupScene();
  const never = new AbortController().signal;
  const other = scene.requestOf("b");
  const settings = { ...other.settings, redact: ["text"] };
  await scene.clock.finish(
    Promise.all([scene.begin("a"), scene.shared.open({ ...other, settings }, never)]),
  );
  assert.deepEqual(scene.sizes, [1, 1]);
});

Deno.test("who joins at an earlier place is given what is its own, and nobody anything twice", async () => {
  const scene = new GroupScene();
  scene.insert("a", 3);
  scene.insert("b", 3);
  const b = await scene.open("b");
  assert.deepEqual(await scene.read(b, 3), Array(3).fill("insert b"));
  const a = await scene.open("a");
  scene.insert("b");
  assert.deepEqual(scene.sizes, [2]);
  assert.deepEqual(await scene.read(a, 3), Array(3).fill("insert a"));
  assert.deepEqual(await scene.read(b, 1), ["insert b"]);
});

Deno.test("who joins at a later place is not given what lies before it", async () => {
  const scene = new GroupScene();
  scene.insert("b");
  const later = positionAfterTime(scene.oplog.operationTime);
  scene.insert("b", 2);
  const [a, b] = await scene.clock.finish(
    Promise.all([scene.begin("a"), scene.begin("b", later)]),
  );
  assert.deepEqual(await scene.read(b!, 1), ["insert b", "insert b"]);
  assert.deepEqual(namesOfEvents(await scene.next(a!)), []);
});

Deno.test("streams that come one after the other are gathered: a change stream a second at most", async () => {
  const scene = new GroupScene();
  const begun = [];
  for (const name of NAMES) {
    begun.push(scene.begin(name));
    await scene.clock.advance(100);
  }
  await scene.clock.finish(Promise.all(begun));
  assert.ok(scene.openings.length <= 7, `${scene.openings.length} openings`);
  assert.deepEqual(scene.sizes, [50]);
});

Deno.test("who is far behind reads apart until it is near", async () => {
  const scene = new GroupScene();
  scene.insert("a");
  const cursors = await scene.openAll(["b", "c"], positionAt(GROUP_START));
  scene.oplog.advanceTo({ t: GROUP_START.t + 3600, i: 1 });
  scene.insert("a");
  await scene.next(cursors[0]!);
  const a = await scene.open("a", positionAt(GROUP_START));
  assert.deepEqual(scene.openings.map(({ isGroup }) => isGroup), [true, false]);
  assert.deepEqual(await scene.read(a, 2), ["insert a", "insert a"]);
  await scene.clock.until(() => scene.sizes.length === 1);
  scene.insert("a");
  assert.deepEqual(await scene.read(a, 1), ["insert a"]);
});

Deno.test("an event that cannot be read costs its own stream only, and a few openings", async () => {
  const scene = new GroupScene();
  const cursors = await scene.openAll(NAMES);
  scene.failNext = (names) => {
    if (names.includes("c7")) throw new UnreadableEventError("too-large", "too large");
  };
  scene.openings.length = 0;
  await assert.rejects(scene.read(cursors[7]!, 1), UnreadableEventError);
  for (const name of NAMES) scene.insert(name);
  for (const [i, cursor] of cursors.entries()) {
    if (i !== 7) assert.deepEqual(await scene.read(cursor, 1), [`insert c${i}`]);
  }
  assert.ok(scene.openings.length < 25, `${scene.openings.length} openings`);
  scene.failNext = () => {};
  await cursors[7]!.close();
  const again = await scene.open("c7");
  assert.deepEqual(await scene.read(again, 1), ["insert c7"]);
  assert.deepEqual(
    scene.shared.readers().filter(({ alone }) => alone !== undefined).map(({ alone }) => alone),
    ["failed"],
  );
  await scene.clock.until(() => scene.sizes.length === 1);
});

Deno.test("history that is lost for one stream is lost for no other", async () => {
  const scene = new GroupScene();
  scene.insert("a");
  scene.oplog.advanceTo({ t: GROUP_START.t + 5, i: 1 });
  const from = positionAfterTime(scene.oplog.operationTime);
  scene.oplog.truncateBefore({ t: GROUP_START.t + 5, i: 1 });
  const lost = assert.rejects(scene.begin("a"), HistoryLostError);
  const others = await scene.openAll(["b", "c"], from);
  await lost;
  scene.insert("b");
  assert.deepEqual(await scene.read(others[0]!, 1), ["insert b"]);
});

Deno.test("a change stream that is lost is opened again by the group, and nobody sees it", async () => {
  const scene = new GroupScene();
  const [a] = await scene.openAll(["a", "b"]);
  await scene.clock.advance(5_000);
  let fails = 1;
  scene.failNext = () => {
    if (fails-- > 0) throw new TransientError("the server is away");
  };
  scene.insert("a");
  assert.deepEqual(await scene.read(a!, 1), ["insert a"]);
  assert.deepEqual(scene.told.map(({ type }) => type), ["group-lost"]);
});

Deno.test("that the server answers is told by what was read, not by what streams take or wait for", async () => {
  const scene = new GroupScene();
  const [a] = await scene.openAll(["a", "b"]);
  await scene.clock.advance(5_000);
  scene.insert("a");
  assert.deepEqual(await scene.read(a!, 1), ["insert a"]);
  const { answers } = scene;
  assert.ok(answers > 0);
  scene.failNext = () => new Promise(() => {});
  for (let i = 0; i < 5; i++) {
    const reply = await scene.clock.finish(a!.next(9));
    assert.deepEqual([reply.starts.length, reply.isSecondHand], [0, true]);
  }
  assert.ok(scene.answers <= answers + 1);
});

Deno.test("what fails again at once is everybody's own affair", async () => {
  const scene = new GroupScene();
  const cursors = await scene.openAll(["a", "b"]);
  scene.failNext = () => {
    throw new TransientError("the server is away");
  };
  for (const cursor of cursors) await assert.rejects(scene.read(cursor, 1), TransientError);
  assert.deepEqual(scene.sizes, []);
});

Deno.test("a wrong password is not tried by halves", async () => {
  const scene = new GroupScene();
  scene.plan = () => {
    throw new PermanentError("no such user");
  };
  const begun = NAMES.map((name) => assert.rejects(scene.begin(name), PermanentError));
  await scene.clock.finish(Promise.all(begun));
  assert.equal(scene.openings.length, 1);
});

Deno.test("where the user may not read the database, each reads by a change stream of its own", async () => {
  const scene = new GroupScene();
  scene.plan = ({ isGroup }) => isGroup ? "denied" : undefined;
  const cursors = await scene.openAll(["a", "b", "c"]);
  scene.insert("b");
  assert.deepEqual(await scene.read(cursors[1]!, 1), ["insert b"]);
  assert.deepEqual(scene.shared.readers().map(({ alone }) => alone), [
    "rights",
    "rights",
    "rights",
  ]);
  assert.deepEqual(scene.told, [{ type: "not-shared", form: "database shop" }]);
  assert.equal(scene.openings.filter(({ isGroup }) => isGroup).length, 1);
});

Deno.test("a stream that takes nothing leaves, and the others go on; it misses nothing", async () => {
  const scene = new GroupScene(4 << 20);
  const [slow, quick] = await scene.openAll(["slow", "quick"]);
  let quickSeen = 0;
  const reading = (async () => {
    while (quickSeen < 40) quickSeen += (await quick!.next(100)).starts.length;
  })();
  for (let i = 0; i < 40; i++) {
    scene.insert("slow", 2, 50_000);
    scene.insert("quick");
    await scene.clock.advance(200);
  }
  await scene.clock.finish(reading);
  assert.ok(scene.told.some((event) => event.type === "reads-alone" && event.why === "slow"));
  assert.ok(scene.budget.usedBytes < 4 << 20, `${scene.budget.usedBytes} bytes`);
  assert.deepEqual(await scene.read(slow!, 80), Array(80).fill("insert slow"));
});

Deno.test("where all take nothing, all wait, and nobody leaves", async () => {
  const scene = new GroupScene(4 << 20);
  await scene.openAll(["a", "b", "c"]);
  for (let i = 0; i < 40; i++) {
    for (const name of ["a", "b", "c"]) scene.insert(name, 1, 50_000);
    await scene.clock.advance(200);
  }
  assert.deepEqual(scene.sizes, [3]);
  assert.ok(scene.budget.usedBytes < 3 << 20, `${scene.budget.usedBytes} bytes`);
});

Deno.test("the drop of the database ends no stream", async () => {
  const scene = new GroupScene();
  const [a, b] = await scene.openAll(["a", "b"]);
  scene.insert("a");
  scene.oplog.append({ operation: "drop", database: "shop", collection: "a" });
  scene.oplog.append({ operation: "dropDatabase", database: "shop" });
  scene.insert("a");
  scene.insert("b");
  assert.deepEqual(await scene.read(a!, 3), ["insert a", "drop a", "insert a"]);
  assert.deepEqual(await scene.read(b!, 1), ["insert b"]);
  const { highWater } = await scene.next(a!);
  assert.equal(highWater.invalidate, undefined);
});

Deno.test("a position of an invalidate is no place that a change stream of the database starts after", async () => {
  const scene = new GroupScene();
  scene.insert("a");
  scene.oplog.append({ operation: "drop", database: "shop", collection: "a" });
  const { reading: _, ...own } = scene.requestOf("a").settings;
  const never = new AbortController().signal;
  const alone = await scene.shared.open({ ...scene.requestOf("a"), settings: own }, never);
  let end = await scene.next(alone);
  while (!end.invalidated) end = await scene.next(alone);
  assert.equal(end.highWater.invalidate, true);
  scene.insert("a");
  const [a] = await scene.openAll(["a", "b"], end.highWater);
  assert.equal(scene.openings.at(-1)!.from.invalidate, undefined);
  assert.deepEqual(await scene.read(a!, 1), ["insert a"]);
});

Deno.test("what is mostly unwanted is left out by the server", async () => {
  const scene = new GroupScene();
  const [a] = await scene.openAll(["a", "b"]);
  scene.insert("other", 3_000);
  scene.insert("a");
  assert.deepEqual(await scene.read(a!, 1), ["insert a"]);
  await scene.clock.until(() => scene.openings.length > 1);
  assert.deepEqual(scene.openings.map(({ unfiltered }) => unfiltered), [true, false]);
});

Deno.test("close ends a waiting next, and the change stream once nobody reads by it", async () => {
  const scene = new GroupScene();
  const [a, b] = await scene.openAll(["a", "b"]);
  const waiting = assert.rejects(a!.next(1), TransientError);
  await a!.close();
  await waiting;
  assert.deepEqual(scene.sizes, [1]);
  await b!.close();
  await b!.close();
  await scene.clock.settle();
  assert.deepEqual(scene.sizes, []);
  assert.equal(scene.budget.usedBytes, 0);
  assert.equal(scene.clock.timerCount, 0);
});

Deno.test("an opening that is given up leaves nothing behind", async () => {
  const scene = new GroupScene();
  const abort = new AbortController();
  const opening = scene.shared.open(scene.requestOf("a"), abort.signal);
  abort.abort(new Error("enough"));
  await assert.rejects(opening, /enough/);
  await scene.clock.advance(60_000);
  assert.deepEqual(scene.sizes, []);
  assert.equal(scene.budget.usedBytes, 0);
});

Deno.test("unshared names the change streams of streams that never share one, while they are open", async () => {
  const scene = new GroupScene();
  const shared = await scene.openAll(["a", "b"]);
  const { reading: _, ...settings } = scene.requestOf("c").settings;
  const open = (request: Partial<OpenRequest>) =>
    scene.clock.finish(
      scene.shared.open({ ...scene.requestOf("c"), ...request }, new AbortController().signal),
    );
  const own = await open({ settings });
  const whole = await open({ stream: { level: "database", database: "shop" } });
  const { live: _live, ...range } = scene.requestOf("d");
  const redo = await scene.clock.finish(scene.shared.open(range, new AbortController().signal));
  assert.deepEqual(scene.shared.readers(), [
    { form: "database shop", members: ["collection:shop.a", "collection:shop.b"] },
  ]);
  assert.deepEqual(scene.shared.unshared(), [
    { form: "collection", members: ["collection:shop.c"], alone: "own" },
    { form: "database shop", members: ["database:shop"], alone: "level" },
  ]);
  scene.insert("c");
  assert.deepEqual(await scene.read(own, 1), ["insert c"]);
  for (const cursor of [own, whole, redo]) await cursor.close();
  assert.deepEqual(scene.shared.unshared(), []);
  for (const cursor of shared) await cursor.close();
});

Deno.test("a stream that is far behind the others is said to be alone for that, and one without others for nothing", async () => {
  const scene = new GroupScene();
  scene.oplog.advanceTo({ t: GROUP_START.t + 5_000, i: 1 });
  const now = positionAfterTime(scene.oplog.operationTime);
  const [a] = await scene.openAll(["a"], now);
  assert.deepEqual(scene.shared.readers().map(({ alone }) => alone), [undefined]);
  const b = await scene.open("b", now);
  const c = await scene.open("c");
  const alone = () => scene.shared.readers().map(({ members, alone }) => [members.length, alone]);
  assert.deepEqual(alone(), [[2, undefined], [1, "behind"]]);
  for (const cursor of [a!, b, c]) await cursor.close();
});

Deno.test("waiting names the streams that are far behind and have no place yet, as long as somebody wants them", async () => {
  const scene = new GroupScene();
  const times = Array.from({ length: 12 }, (_, i) => GROUP_START.t + 1_000 * i);
  scene.oplog.advanceTo({ t: times.at(-1)! + 1_000, i: 1 });
  const now = positionAfterTime(scene.oplog.operationTime);
  const near = await scene.openAll(["a", "b"], now);
  const stop = new AbortController();
  const opening = times.map((t, i) =>
    scene.shared.open(scene.requestOf(`c${i}`, positionAt({ t, i: 1 })), stop.signal)
      .then((cursor) => cursor.close(), () => {})
  );
  assert.deepEqual(scene.shared.waiting().slice(0, 2), [
    "collection:shop.c8",
    "collection:shop.c9",
  ]);
  stop.abort();
  await scene.clock.finish(Promise.all(opening));
  assert.deepEqual(scene.shared.waiting(), []);
  for (const cursor of near) await cursor.close();
});

Deno.test("who is far behind has a place whatever number of change streams rights or databases make", async () => {
  const scene = new GroupScene();
  scene.plan = ({ isGroup }) => isGroup ? "denied" : undefined;
  const names = Array.from({ length: 20 }, (_, i) => `c${i}`);
  const alone = await scene.openAll(names);
  scene.plan = () => undefined;
  assert.equal(scene.sizes.length, 20);
  scene.oplog.advanceTo({ t: GROUP_START.t + 5_000, i: 1 });
  const now = positionAfterTime(scene.oplog.operationTime);
  const of = (collection: string, from: Position) => {
    const request = scene.requestOf(collection, from);
    const stream = { level: "collection", database: "other", collection } as const;
    return scene.shared.open({ ...request, stream }, new AbortController().signal);
  };
  const near = await scene.clock.finish(Promise.all([of("a", now), of("b", now)]));
  const behind = await scene.clock.finish(of("late", positionAt(GROUP_START)));
  assert.deepEqual(scene.shared.waiting(), []);
  for (const cursor of [...alone, ...near, behind]) await cursor.close();
});
