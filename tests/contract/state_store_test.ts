import { connectRedis } from "../../src/state/redis_connection.ts";
import { createFileState } from "../../src/state/file_state.ts";
import { createMemoryState } from "../../src/state/memory_state.ts";
import { createRedisState } from "../../src/state/redis_state.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { redisUrl, uniqueName } from "../support/services.ts";
import { type StateStoreUnderTest, testStateStoreContract } from "./state_store_contract.ts";

testStateStoreContract("memory state", () =>
  Promise.resolve({
    store: createMemoryState(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }));

testStateStoreContract("file state", async () => {
  const folder = await Deno.makeTempDir();
  const open = () => createFileState(`${folder}/not/yet/there`, { clock: systemClock });
  return {
    store: open(),
    other: open(),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
});

testStateStoreContract("Redis state", () => openRedis());
testStateStoreContract("Redis state with an expiry", () => openRedis(600_000));

function openRedis(expiryMs?: number): Promise<StateStoreUnderTest> {
  const parts = { clock: systemClock, random: systemRandom, callMsMax: 60_000 };
  const connections = [connectRedis(redisUrl(), parts), connectRedis(redisUrl(), parts)] as const;
  const keyPrefix = `{${uniqueName("state-contract")}:pipeline}`;
  const options = expiryMs === undefined ? { keyPrefix } : { keyPrefix, expiryMs };
  return Promise.resolve({
    store: createRedisState(connections[0], options),
    other: createRedisState(connections[1], options),
    async [Symbol.asyncDispose]() {
      const streams = await connections[0].call("SMEMBERS", `${keyPrefix}:states`) as string[];
      const keys = streams.map((stream) => `${keyPrefix}:state:${stream}`);
      await connections[0].call("DEL", `${keyPrefix}:states`, ...keys);
      for (const connection of connections) await connection.close();
    },
  });
}
