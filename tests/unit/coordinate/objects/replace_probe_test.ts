import assert from "node:assert/strict";
import { replacesByEtag } from "../../../../src/coordinate/objects/replace_probe.ts";
import { memorySharedObjects } from "../../../support/memory_shared_objects.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";

Deno.test("replacesByEtag finds a store that replaces whatever the ETag is", async () => {
  const objects = memorySharedObjects();
  const random = new SeededRandom(1);
  for (let starts = 0; starts < 2; starts++) {
    assert.equal(await replacesByEtag(objects, random), true);
  }
  const careless = {
    ...objects,
    async replace(key: string, text: string) {
      const found = await objects.get(key);
      return await objects.replace(key, text, typeof found === "object" ? found.etag : "");
    },
  };
  assert.equal(await replacesByEtag(careless, random), false);
  const refusing = { ...objects, replace: () => Promise.resolve(undefined) };
  assert.equal(await replacesByEtag(refusing, random), false);
});

Deno.test("replacesByEtag is not misled by others who probe at the same time", async () => {
  const objects = memorySharedObjects();
  const answers = await Promise.all(
    Array.from({ length: 4 }, (_, i) => replacesByEtag(objects, new SeededRandom(i))),
  );
  assert.deepEqual(answers, [true, true, true, true]);
});
