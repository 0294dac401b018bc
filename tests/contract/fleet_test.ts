import { openFileFleet, openMemoryFleet, openRedisFleet } from "../support/fleets.ts";
import { redisUrl } from "../support/services.ts";
import { testFleetContract } from "./fleet_contract.ts";

testFleetContract("a fleet in memory", openMemoryFleet);
testFleetContract("a fleet in a folder", openFileFleet);
testFleetContract("a fleet in Redis", () => openRedisFleet(redisUrl()));
