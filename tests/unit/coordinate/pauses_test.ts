import assert from "node:assert/strict";
import { createMemoryPauses, createRedisPauses } from "../../../src/coordinate/pauses.ts";

Deno.test("createMemoryPauses() keeps what is paused until it is resumed", async () => {
  const pauses = createMemoryPauses();
  await pauses.pause("a");
  await pauses.pause("b");
  const before = await pauses.list();
  await pauses.resume("a");
  assert.deepEqual([...before], ["a", "b"], "an answer does not change afterwards");
  assert.deepEqual([...await pauses.list()], ["b"]);
});

Deno.test("createRedisPauses() keeps a set that people can read, and tells the instances", async () => {
  const members = new Set<string>();
  const calls: string[] = [];
  const redis = {
    call(command: string, ...args: (string | number)[]) {
      calls.push([command, ...args].join(" "));
      const key = String(args[1]);
      if (command === "SADD") members.add(key);
      if (command === "SREM") members.delete(key);
      return Promise.resolve(command === "SMEMBERS" ? [...members] : 1);
    },
  };
  const pauses = createRedisPauses(redis, "{t:p}");
  await pauses.pause("a");
  assert.deepEqual([...await pauses.list()], ["a"]);
  await pauses.resume("a");
  assert.deepEqual([...await pauses.list()], []);
  assert.deepEqual(calls.slice(0, 2), ["SADD {t:p}:paused a", "INCR {t:p}:changes"]);
});
