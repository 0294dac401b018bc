import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { objectKeyFault, pathFault } from "../../../../src/model/keys/key_rules.ts";
import { PermanentError, TransientError } from "../../../../src/model/errors.ts";
import type { Stream } from "../../../../src/model/stream.ts";
import {
  assertKeyFits,
  assertRoomForKeys,
  longestKeys,
} from "../../../../src/pipeline/record/key_room.ts";
import { SETTINGS } from "../../../support/lake_world.ts";

const ORDERS: Stream = { level: "collection", database: "shop", collection: "orders" };
/** Its files have names of 257 bytes. */
const LONG: Stream = {
  level: "collection",
  database: "d".repeat(100),
  collection: "c".repeat(100),
  partition: { epoch: 1000, index: 100, of: 256 },
};
const HIVE = {
  template: "db={db}/coll={coll}/year={yyyy}/month={MM}/day={dd}/hour={HH}/",
  bucket: "hour",
} as const;

/** A destination with a prefix so long. */
function behind(prefixBytes: number): MemoryDestination {
  const memory = new MemoryDestination();
  return Object.assign(memory, {
    keyFault: (key: string) => objectKeyFault("p".repeat(prefixBytes) + key),
  });
}

Deno.test("longestKeys are an object's and a dead letter's, with names in full where they are known", () => {
  const settings = { ...SETTINGS, keyRule: HIVE };
  const [data, letter] = longestKeys(ORDERS, settings);
  const file = "collection.shop.orders-00000000-9999999999-999";
  assert.equal(data, `db=shop/coll=orders/year=2026/month=11/day=20/hour=17/${file}.jsonl`);
  assert.equal(letter, `_tributary/dead-letter/${file}.bson`);
  const [wide] = longestKeys({ level: "database", database: "shop" }, settings);
  assert.ok(wide!.startsWith(`db=shop/coll=${"n".repeat(100)}/`));
  const [widest] = longestKeys({ level: "deployment" }, settings);
  assert.ok(widest!.startsWith(`db=${"n".repeat(100)}/coll=${"n".repeat(100)}/`));
});

Deno.test("assertRoomForKeys counts to the byte, and says what to shorten", async () => {
  const settings = { ...SETTINGS, keyRule: HIVE };
  const longest = Math.max(...longestKeys(ORDERS, settings).map((key) => key.length));
  await assertRoomForKeys(behind(1024 - longest), ORDERS, settings);
  await assert.rejects(assertRoomForKeys(behind(1025 - longest), ORDERS, settings), (error) => {
    assert.ok(error instanceof PermanentError);
    assert.match(
      error.message,
      /^Cannot stream collection:shop\.orders: a key such as "db=shop.*" has 1025 bytes.* 1024; shorten the prefix in DESTINATION, or KEY_TEMPLATE$/,
    );
    return true;
  });
});

Deno.test("assertRoomForKeys looks at dead letters, too", async () => {
  const flat = { ...SETTINGS, keyRule: { template: "", bucket: "none" } as const };
  const [data, letter] = longestKeys(ORDERS, flat);
  assert.ok(letter!.length > data!.length);
  const room = assertRoomForKeys(behind(1025 - letter!.length), ORDERS, flat);
  await assert.rejects(room, /_tributary\/dead-letter/);
});

Deno.test("assertRoomForKeys knows the limits of names, and advises another level for those of files", async () => {
  const directory = Object.assign(new MemoryDestination(), {
    keyFault: (key: string) => pathFault(`/lake/${key}`),
  });
  await assertRoomForKeys(directory, ORDERS, SETTINGS);
  await assert.rejects(assertRoomForKeys(directory, LONG, SETTINGS), /255; watch the database/);
  const template = { template: `${"t".repeat(256)}/`, bucket: "none" } as const;
  const wide = assertRoomForKeys(directory, ORDERS, { ...SETTINGS, keyRule: template });
  await assert.rejects(wide, /name of 256 bytes.*KEY_TEMPLATE$/);
});

Deno.test("assertRoomForKeys asks a store about names that its disk may refuse, and about no others", async () => {
  const asked: string[] = [];
  const refusing = (error: Error) =>
    Object.assign(new MemoryDestination(), {
      head: (key: string) => {
        asked.push(key);
        return Promise.reject(error);
      },
    });
  const refusal = new PermanentError("Cannot look: HTTP 400");
  await assertRoomForKeys(refusing(refusal), ORDERS, SETTINGS);
  assert.equal(asked.length, 0);
  const room = assertRoomForKeys(refusing(refusal), LONG, SETTINGS);
  await assert.rejects(room, /is refused \(Cannot look: HTTP 400\); watch the database/);
  const away = new TransientError("away");
  await assert.rejects(assertRoomForKeys(refusing(away), LONG, SETTINGS), away);
  await assertRoomForKeys(new MemoryDestination(), LONG, SETTINGS);
});

Deno.test("assertKeyFits refuses a key that the destination cannot hold", () => {
  assertKeyFits(behind(1000), "a/b");
  assert.throws(() => assertKeyFits(behind(1022), "a/b"), /Cannot name object "a\/b": it has 1025/);
});
