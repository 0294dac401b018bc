import type { Db, MongoClient } from "mongodb";
import { errorMessage, PermanentError } from "../model/errors.ts";
import type { Stream } from "../model/stream.ts";
import { serverErrorCode } from "./classify_error.ts";
import { readCursorReply } from "./cursor_reply.ts";
import { meaningOfCode } from "./server_error_codes.ts";
import { signalOption } from "./server_facts.ts";

/** KeyString: a double or a decimal stands there, and which it is the `_typeBits` say, which nobody types in. */
const NEEDS_TYPE_BITS = 50810;

/** BSON that ends too early. */
const OVERFLOW = 15;

/**
 * Refuses the `_data` of a token that the server cannot read.
 *
 * The server reads it when a stream is opened after it, before it looks at the oplog.
 */
export async function checkToken(
  client: MongoClient,
  stream: Stream,
  data: string,
  signal: AbortSignal,
): Promise<void> {
  const db = client.db(stream.level === "deployment" ? "admin" : stream.database);
  const startAfter = { _data: data };
  const options = stream.level === "deployment"
    ? { startAfter, allChangesForCluster: true }
    : { startAfter };
  try {
    const reply = await db.command({
      aggregate: stream.level === "collection" ? stream.collection : 1,
      pipeline: [{ $changeStream: options }],
      cursor: { batchSize: 0 },
    }, { raw: true, ...signalOption(signal), readPreference: client.readPreference });
    await dropCursor(db, reply["cursor"]);
  } catch (error) {
    if (isAboutToken(serverErrorCode(error))) {
      throw new PermanentError(
        `MongoDB cannot read it as a resume token (${errorMessage(error)}); take the whole _data ` +
          "of one that a server of this version has made",
        { mend: "configuration" },
      );
    }
    if (!isReadable(serverErrorCode(error))) throw error;
  }
}

async function dropCursor(db: Db, cursor: Uint8Array): Promise<void> {
  const { id, namespace } = readCursorReply(cursor);
  const killCursors = namespace.slice(namespace.indexOf(".") + 1);
  const readPreference = db.client.readPreference;
  // The server drops idle cursors by itself.
  await db.command({ killCursors, cursors: [id] }, { readPreference }).catch(() => {});
}

function isReadable(code: number | undefined): boolean {
  return code === NEEDS_TYPE_BITS ||
    (code !== undefined && meaningOfCode(code, []) === "history-lost");
}

function isAboutToken(code: number | undefined): boolean {
  if (code === undefined || isReadable(code)) return false;
  return code === OVERFLOW || ["bad-token", "permanent"].includes(meaningOfCode(code, []));
}
