import assert from "node:assert/strict";
import { assertRoomForStreams } from "../../../src/app/check_keys.ts";
import { openDestination } from "../../../src/destination/destinations.ts";
import { destinationUrl } from "../../../src/config/resolve/destination_target.ts";
import { DEFAULT_RETRY } from "../../../src/destination/open_destination.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { configOf } from "../../support/load_config.ts";

/** Opens the destination of a configuration, of which nothing is asked, and looks whether there is room. */
async function look(env: Record<string, string>): Promise<void> {
  const config = configOf(env);
  const options = { retry: DEFAULT_RETRY, s3: { endpoint: "http://127.0.0.1:1" } };
  const tools = { clock: systemClock, random: systemRandom };
  const destination = await openDestination(destinationUrl(config.destination), options, tools);
  try {
    await assertRoomForStreams(destination, config);
  } finally {
    await destination.close();
  }
}

function prefix(bytes: number): string {
  return `s3://lake/${"prefix-9/".repeat(200).slice(0, bytes - 1)}x`;
}

/** What is watched, and how many bytes the prefix may have then. */
const WATCHES: readonly (readonly [Record<string, string>, number])[] = [
  [{ MONGODB_DATABASE: "shop", MONGODB_COLLECTIONS: "orders" }, 915],
  [{ MONGODB_DATABASE: "shop" }, 830],
  [{ MONGODB_DATABASE: "shop", MONGODB_COLLECTIONS: "*", WATCH_LEVEL: "collection" }, 727],
  [{ WATCH_LEVEL: "deployment" }, 737],
];

Deno.test("assertRoomForStreams refuses a prefix that leaves no room for the longest key, whatever is watched", async () => {
  for (const [watch, bytesMax] of WATCHES) {
    await look({ ...watch, DESTINATION: prefix(bytesMax) });
    const refused = look({ ...watch, DESTINATION: prefix(bytesMax + 1) });
    await assert.rejects(refused, /1025 bytes with the prefix, and S3 takes 1024; .*DESTINATION/);
  }
});

Deno.test("assertRoomForStreams refuses a template that leaves no room", async () => {
  const KEY_TEMPLATE = "folder-9/".repeat(110) + "{db}";
  const refused = look({ MONGODB_DATABASE: "shop", KEY_TEMPLATE });
  await assert.rejects(refused, /none may have more than 1024; .*KEY_TEMPLATE/);
  const directory = "file:///tmp/lake";
  const wide = look({
    MONGODB_DATABASE: "shop",
    KEY_TEMPLATE: "t".repeat(256),
    DESTINATION: directory,
  });
  await assert.rejects(wide, /name of 256 bytes, and file systems take 255/);
  await look({ MONGODB_DATABASE: "shop", MONGODB_COLLECTIONS: "*", DESTINATION: directory });
});
