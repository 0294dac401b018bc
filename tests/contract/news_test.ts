import { openFileFleet, openMemoryFleet, openRedisFleet } from "../support/fleets.ts";
import { redisUrl } from "../support/services.ts";
import { testNewsContract } from "./news_contract.ts";

testNewsContract("memory news", openMemoryFleet);
testNewsContract("file news", openFileFleet);
testNewsContract("Redis news", () => openRedisFleet(redisUrl()));
