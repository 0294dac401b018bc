import assert from "node:assert/strict";
import { NullDestination } from "../../../src/destination/null_destination.ts";
import { probeDestination } from "../../../src/destination/probe.ts";
import { SeededRandom } from "../../support/seeded_random.ts";

Deno.test("NullDestination counts data objects and keeps none", async () => {
  const destination = new NullDestination();
  assert.equal(await destination.putIfAbsent("a", new Uint8Array(5)), "created");
  assert.equal(await destination.putIfAbsent("b", new Uint8Array(7)), "created");
  assert.deepEqual(destination.counts, { objects: 2, bytes: 12 });
  assert.equal(await destination.get("a"), undefined);
  await assert.rejects(destination.putIfAbsent("../a", new Uint8Array(1)), /Cannot use object key/);
});

Deno.test("NullDestination keeps journals, so that the protocol works on it", async () => {
  const destination = new NullDestination();
  await probeDestination(destination, new SeededRandom(1));
  await destination.putIfAbsent("_tributary/streams/s/0.json", new Uint8Array(3));
  assert.equal((await destination.head("_tributary/streams/s/0.json"))?.bytes, 3);
  assert.deepEqual(await destination.listFolders("_tributary/streams/"), ["s"]);
  assert.equal(destination.counts.objects, 0);
});
