import {
  openFileFleet,
  openMemoryFleet,
  openObjectFleet,
  openRedisFleet,
  openS3Fleet,
} from "../support/fleets.ts";
import { memorySharedObjects } from "../support/memory_shared_objects.ts";
import { redisUrl } from "../support/services.ts";
import { testFleetContract } from "./fleet_contract.ts";

testFleetContract("a fleet in memory", openMemoryFleet);
testFleetContract("a fleet in a folder", openFileFleet);
testFleetContract("a fleet in Redis", () => openRedisFleet(redisUrl()));
testFleetContract("a fleet in a bucket", openS3Fleet);
testFleetContract("a fleet in objects in memory", () => {
  const objects = memorySharedObjects();
  return openObjectFleet(() => Promise.resolve(objects));
});
