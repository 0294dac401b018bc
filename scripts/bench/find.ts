/**
 * The raw find, a program of its own: reads a collection at read concern `snapshot` as fast as MongoDB gives it, one `getMore`
 * ahead, and throws the documents away. Prints one line of JSON at the end, and ends when its standard input does.
 *
 *     deno run -A scripts/bench/find.ts '{"uri": ..., "batchSize": 5000, ...}'
 */
import { MongoClient } from "mongodb";
import { readCursorReply } from "../../src/source/cursor_reply.ts";
import { systemClock } from "../../src/support/clock.ts";
import type { DrainAnswer, DrainOrder } from "./drain.ts";

async function find(order: DrainOrder): Promise<DrainAnswer> {
  await using client = new MongoClient(order.uri);
  const session = client.startSession({ causalConsistency: false });
  const db = client.db(order.database);
  const { collection, batchSize } = order;
  const options = { session, raw: true };
  const startMs = systemClock.monotonicMs();
  const command = { find: collection, sort: { _id: 1 }, readConcern: { level: "snapshot" } };
  let reply = (await db.command({ ...command, batchSize: 0 }, options))["cursor"] as Uint8Array;
  const { id } = readCursorReply(reply);
  const more = async () =>
    (await db.command({ getMore: id, collection, batchSize }, options))["cursor"] as Uint8Array;
  let events = 0;
  let bytes = 0;
  let next: Promise<Uint8Array> | undefined = order.events === 0 ? undefined : more();
  while (next !== undefined) {
    reply = await next;
    const { id, starts } = readCursorReply(reply);
    next = id === 0n ? undefined : more();
    events += starts.length;
    bytes += reply.byteLength;
  }
  const seconds = (systemClock.monotonicMs() - startMs) / 1000;
  await session.endSession();
  return { events, bytes, seconds };
}

if (import.meta.main) {
  console.log(JSON.stringify(await find(JSON.parse(Deno.args[0]!))));
  // Whoever started us looks at what we have used, and then lets us go.
  for await (const _ of Deno.stdin.readable);
}
