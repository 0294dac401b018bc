import type { RedisCaller } from "../../../src/coordinate/redis/redis_caller.ts";

/** A Redis that answers what the test says, in its order, and remembers what it was asked. */
export function fakeCaller(...answers: unknown[]): RedisCaller & { calls: (string | number)[][] } {
  const calls: (string | number)[][] = [];
  return {
    calls,
    call(command, ...args) {
      calls.push([command, ...args]);
      return Promise.resolve(answers.shift());
    },
  };
}
