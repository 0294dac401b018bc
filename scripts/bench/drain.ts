/**
 * The drain, a program of its own: reads a change stream as fast as MongoDB gives it, one `getMore` ahead, and throws
 * the raw events away. Prints one line of JSON when it has seen all events, and ends when its standard input does.
 *
 *     deno run -A scripts/bench/drain.ts '{"uri": ..., "batchSize": 5000, ...}'
 */
import { MongoClient, Timestamp } from "mongodb";
import { clusterTimeOfToken } from "../../src/model/cluster_time.ts";
import { readCursorReply } from "../../src/source/cursor_reply.ts";
import { systemClock } from "../../src/support/clock.ts";
import type { Backlog } from "./backlog.ts";

export interface DrainOrder extends Backlog {
  readonly batchSize: number;
}

export interface DrainAnswer {
  readonly events: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** Reads to the end of the backlog. */
async function drain(order: DrainOrder): Promise<DrainAnswer> {
  await using client = new MongoClient(order.uri);
  const session = client.startSession({ causalConsistency: false });
  const db = client.db(order.database);
  const startAtOperationTime = new Timestamp(clusterTimeOfToken(order.startToken)!);
  const opened = await db.command({
    aggregate: order.collection,
    pipeline: [{ $changeStream: { startAtOperationTime, fullDocument: "updateLookup" } }],
    cursor: { batchSize: 0 },
    readConcern: { level: "majority" },
  }, { session, raw: true });
  const { id } = readCursorReply(opened["cursor"]);
  const more = async () => {
    const command = { getMore: id, collection: order.collection, batchSize: order.batchSize };
    return (await db.command(command, { session, raw: true }))["cursor"] as Uint8Array;
  };
  const startMs = systemClock.monotonicMs();
  let events = 0;
  let bytes = 0;
  let next = more();
  while (events < order.events) {
    const reply = await next;
    next = more();
    events += readCursorReply(reply).starts.length;
    bytes += reply.byteLength;
  }
  const seconds = (systemClock.monotonicMs() - startMs) / 1000;
  await db.command({ killCursors: order.collection, cursors: [id] });
  await next.catch(() => {}); // The cursor is gone.
  await session.endSession();
  return { events, bytes, seconds };
}

if (import.meta.main) {
  console.log(JSON.stringify(await drain(JSON.parse(Deno.args[0]!))));
  // Whoever started us looks at what we have used, and then lets us go.
  for await (const _ of Deno.stdin.readable);
}
