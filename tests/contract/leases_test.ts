import { openFileFleet, openMemoryFleet, openRedisFleet } from "../support/fleets.ts";
import { redisUrl } from "../support/services.ts";
import { testLeasesContract } from "./leases_contract.ts";

testLeasesContract("memory leases", openMemoryFleet);
testLeasesContract("file leases", openFileFleet);
testLeasesContract("Redis leases", () => openRedisFleet(redisUrl()));
