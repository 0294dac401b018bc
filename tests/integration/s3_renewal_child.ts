/** Does each kind of request once, with credentials that are others each time, and says how each went. */
import { openDestination } from "../../src/destination/destinations.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";

const [endpoint, ...kinds] = Deno.args;
const options = {
  retry: { retriesMax: 2, firstMs: 1, maxMs: 1 },
  s3: { endpoint: endpoint!, region: "us-east-1", forcePathStyle: true },
};
const tools = { clock: systemClock, random: systemRandom };
const destination = await openDestination("s3://lake", options, tools);

const WORK: Readonly<Record<string, () => Promise<unknown>>> = {
  put: () => destination.putIfAbsent("a", Uint8Array.of(1)),
  large: () => destination.putIfAbsent("large", new Uint8Array(65 * 1024 ** 2)),
  head: async () => await destination.head("none") ?? "absent",
  get: async () => await destination.get("none") ?? "absent",
  list: () => destination.list("x", { limit: 1 }),
  folders: () => destination.listFolders("x/"),
};

try {
  for (const kind of kinds) console.log(kind, JSON.stringify(await WORK[kind]!()));
} catch (error) {
  console.log(`${(error as Error).name}: ${(error as Error).message}`);
} finally {
  await destination.close();
}
