import assert from "node:assert/strict";
import { limitRequests } from "../../../../src/destination/s3/limit_requests.ts";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";

Deno.test("limitRequests lets so many requests through at a time, and all of them in the end", async () => {
  const inner = new MemoryDestination();
  let running = 0;
  let mostRunning = 0;
  const slow = new Proxy(inner, {
    get: (target, name: keyof MemoryDestination) => async (...args: unknown[]) => {
      mostRunning = Math.max(mostRunning, ++running);
      await Promise.resolve();
      running--;
      return await Reflect.apply(target[name] as () => unknown, target, args);
    },
  });
  const limited = limitRequests(slow, 2);
  const puts = Array.from(
    { length: 9 },
    (_, i) => limited.putIfAbsent(`a/${i}`, new Uint8Array([i]), { contentType: "text/plain" }),
  );
  await Promise.all([...puts, limited.listFolders("")]);
  assert.equal(mostRunning, 2);
  assert.equal((await limited.head("a/3"))?.bytes, 1);
  assert.deepEqual(await limited.get("a/3", { start: 0 }), new Uint8Array([3]));
  assert.deepEqual(await limited.list("a/", { limit: 2, startAfter: "a/3" }), ["a/4", "a/5"]);
  assert.deepEqual(await limited.listFolders(""), ["a"]);
});
