/** Asks for one object with the credentials and the region that its environment gives, and says how that went. */
import { openDestination } from "../../src/destination/destinations.ts";
import { PROBE_RETRY } from "../../src/destination/open_destination.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";

const options = {
  retry: PROBE_RETRY,
  s3: { endpoint: Deno.args[0]!, region: "us-east-1", forcePathStyle: true },
};
const tools = { clock: systemClock, random: systemRandom };
const destination = await openDestination("s3://lake", options, tools);
try {
  console.log(JSON.stringify(await destination.head("a") ?? "absent"));
} catch (error) {
  console.log(`${(error as Error).name}: ${(error as Error).message}`);
} finally {
  await destination.close();
}
