import { openFileFleet, openMemoryFleet, openRedisFleet } from "../support/fleets.ts";
import { redisUrl } from "../support/services.ts";
import { testMembersContract } from "./members_contract.ts";

testMembersContract("memory members", openMemoryFleet);
testMembersContract("file members", openFileFleet);
testMembersContract("Redis members", () => openRedisFleet(redisUrl()));
