import { openFileFleet, openMemoryFleet, openRedisFleet } from "../support/fleets.ts";
import { redisUrl } from "../support/services.ts";
import { testOrdersContract } from "./orders_contract.ts";

testOrdersContract("memory orders", openMemoryFleet);
testOrdersContract("file orders", openFileFleet);
testOrdersContract("Redis orders", () => openRedisFleet(redisUrl()));
