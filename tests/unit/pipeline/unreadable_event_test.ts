import assert from "node:assert/strict";
import { UnreadableEventError } from "../../../src/model/errors.ts";
import { positionAfterToken, positionAt } from "../../../src/model/position.ts";
import type { StreamSettings } from "../../../src/model/settings.ts";
import { readUnreadableEvent } from "../../../src/pipeline/unreadable_event.ts";
import type { MemoryChange } from "../../../src/source/memory_oplog.ts";
import { LakeWorld, OPLOG_SECONDS_FIRST, SETTINGS } from "../../support/lake_world.ts";

const START = positionAt({ t: OPLOG_SECONDS_FIRST, i: 1 });
const IMAGE_MISSING = new UnreadableEventError("image-missing", "no post-image (47)");
const TOO_LARGE = new UnreadableEventError("too-large", "over 16 MB (10334)");

Deno.test("readUnreadableEvent takes the first event for the one that is too large", async () => {
  const world = worldOf(["insert", "update"]);
  const found = await find(world, TOO_LARGE, {});
  const [first] = world.oplog.entries;
  assert.deepEqual(found, {
    event: { data: first!.data, reason: "over 16 MB (10334)", event: new Uint8Array(first!.event) },
    position: positionAfterToken(first!.data),
  });
});

Deno.test("readUnreadableEvent finds the first update without its post-image", async () => {
  const world = worldOf(["insert", "delete", "update-with-image", "update", "update"]);
  const found = await find(world, IMAGE_MISSING, { fullDocument: "required" });
  assert.equal(found?.event.data, world.oplog.entries[3]!.data);
});

Deno.test("readUnreadableEvent finds the first change without its pre-image", async () => {
  const world = worldOf(["insert", "delete", "update"]);
  const found = await find(world, IMAGE_MISSING, { fullDocumentBeforeChange: "required" });
  assert.equal(found?.event.data, world.oplog.entries[1]!.data);
});

Deno.test("readUnreadableEvent finds nothing where the server lacks nothing up to its end", async () => {
  const world = worldOf(["insert", "update-with-image"]);
  assert.equal(await find(world, IMAGE_MISSING, { fullDocument: "required" }), undefined);
  assert.equal(await find(new LakeWorld(), TOO_LARGE, {}), undefined);
});

Deno.test("readUnreadableEvent asks for as little as it needs", async () => {
  const world = worldOf(["update"]);
  const one = world.instance();
  const asked: unknown[] = [];
  one.outside.plan = ({ method, args }) => {
    if (method === "open") asked.push((args[0] as { images: string }).images);
    return undefined;
  };
  const { signal } = one.lease;
  for (const error of [TOO_LARGE, IMAGE_MISSING]) {
    const settings = { ...SETTINGS, fullDocument: "required" as const };
    await world.clock.finish(readUnreadableEvent(one.context, settings, START, error, signal));
  }
  assert.deepEqual(asked, ["off", "when-available"]);
});

async function find(
  world: LakeWorld,
  error: UnreadableEventError,
  settings: Partial<StreamSettings>,
) {
  const { context, lease } = world.instance();
  const all = { ...SETTINGS, ...settings };
  return await world.clock.finish(
    readUnreadableEvent(context, all, START, error, lease.signal),
  );
}

function worldOf(operations: readonly string[]): LakeWorld {
  const world = new LakeWorld();
  for (const operation of operations) {
    const [name, image] = operation.split("-with-");
    world.oplog.append({
      operation: name as MemoryChange["operation"],
      database: "shop",
      collection: "orders",
      ...(image === undefined ? {} : { fullDocument: { a: 1 } }),
    });
  }
  return world;
}
