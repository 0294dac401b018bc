import type { Db, MongoClient } from "mongodb";
import { PermanentError } from "../model/errors.ts";
import type { EventCursor, OpenRequest, Source, SourceDescription } from "../pipeline/stages.ts";
import type { Clock } from "../support/clock.ts";
import { changeStreamPipeline } from "./change_stream_pipeline.ts";
import { classifyError } from "./classify_error.ts";
import { readCursorReply } from "./cursor_reply.ts";
import { createMongoClient } from "./mongo_client.ts";
import { MongoCursor } from "./mongo_cursor.ts";

export interface MongoSourceOptions {
  readonly uri: string;
  readonly streamsMax: number;
  readonly awaitMs?: number;
  readonly clock: Clock;
}

export interface MongoSource extends Source {
  close(): Promise<void>;
}

export function createMongoSource(options: MongoSourceOptions): MongoSource {
  const client = createMongoClient(options);
  return {
    describe: (signal) => describe(client, signal),
    open: (request, signal) => open(client, request, options, signal),
    close: () => client.close(),
  };
}

async function describe(client: MongoClient, signal: AbortSignal): Promise<SourceDescription> {
  try {
    const admin = client.db("admin");
    const hello = await admin.command({ hello: 1 }, { signal });
    const info = await admin.command({ buildInfo: 1 }, { signal });
    if (hello.setName === undefined) throw new PermanentError("needs a replica set");
    return {
      identity: { setName: hello.setName },
      operationTime: { t: hello.operationTime.t, i: hello.operationTime.i },
      version: info.version,
    };
  } catch (error) {
    throw classifyError(error, "describe");
  }
}

async function open(
  client: MongoClient,
  request: OpenRequest,
  options: MongoSourceOptions,
  signal: AbortSignal,
): Promise<EventCursor> {
  const { stream } = request;
  const db: Db = client.db(stream.level === "deployment" ? "admin" : stream.database);
  const session = client.startSession({ causalConsistency: false });
  try {
    const reply = await db.command({
      aggregate: stream.level === "collection" ? stream.collection : 1,
      pipeline: changeStreamPipeline(request, false),
      cursor: { batchSize: 0 },
      readConcern: { level: "majority" },
    }, { session, raw: true, signal });
    const cursor = readCursorReply(reply.cursor);
    return new MongoCursor({
      db,
      session,
      id: cursor.id,
      collection: cursor.namespace.slice(cursor.namespace.indexOf(".") + 1),
      from: request.from,
      awaitMs: options.awaitMs ?? 1000,
      clock: options.clock,
      classify: (error) => Promise.resolve(classifyError(error, "read the change stream")),
    });
  } catch (error) {
    await session.endSession();
    throw classifyError(error, "open the change stream");
  }
}
