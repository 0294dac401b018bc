/** Uses a directory as a destination, in a process of its own with few permissions. */
import { openDirectory } from "../../../../src/destination/directory/directory.ts";
import { probeDestination } from "../../../../src/destination/probe.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { systemRandom } from "../../../../src/support/random.ts";

const tools = { clock: systemClock, random: systemRandom };
const destination = await openDirectory(`file://${Deno.args[0]}/lake`, tools);
await probeDestination(destination, systemRandom);
const first = await destination.putIfAbsent("a/b", new Uint8Array([1]));
const second = await destination.putIfAbsent("a/b", new Uint8Array([2]));
console.log(first, second, (await destination.get("a/b"))?.[0]);
