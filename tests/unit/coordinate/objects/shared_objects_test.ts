import assert from "node:assert/strict";
import { below } from "../../../../src/coordinate/objects/shared_objects.ts";
import { memorySharedObjects } from "../../../support/memory_shared_objects.ts";

Deno.test("below has the objects of a folder, under names without it", async () => {
  const objects = memorySharedObjects();
  const inner = below(objects, "redis/");
  await objects.create("members/1", "outer");
  const etag = (await inner.create("members/1", "inner"))!;
  assert.deepEqual([...(await inner.list("members/")).keys()], ["members/1"]);
  assert.deepEqual(await inner.get("members/1"), { text: "inner", etag });
  assert.notEqual(await inner.replace("members/1", "other", etag), undefined);
  assert.deepEqual([...(await objects.list("")).keys()], ["members/1", "redis/members/1"]);
});
