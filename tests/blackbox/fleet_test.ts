import { createFolderLake } from "../support/fleet_lake.ts";
import { Fleet } from "../support/fleet.ts";
import { assertRight } from "../support/fleet_judge.ts";
import { startFleetWriter } from "../support/fleet_writer.ts";
import { redisUrl, uniqueName } from "../support/services.ts";

const COLLECTIONS = Array.from({ length: 12 }, (_, i) => `c${i + 1}`);

Deno.test("three processes share 12 streams fairly, and each event lands once while they die, join and are replaced", async () => {
  await using lake = await createFolderLake();
  const database = uniqueName("fleet");
  await using fleet = new Fleet({
    ...{ lake, database, collections: COLLECTIONS, redisUrl: redisUrl() },
  });
  await fleet.open(3);
  await using writer = startFleetWriter(database, COLLECTIONS);
  await fleet.kill(fleet.instances[0]!);
  await fleet.settled();
  fleet.start();
  await fleet.settled();
  for (const old of fleet.instances) {
    fleet.start();
    await fleet.stop(old);
  }
  await fleet.settled();
  await fleet.finish(writer);
  await assertRight(lake, writer);
});
