import { HistoryLostError } from "../../model/errors.ts";
import { positionAfterTime } from "../../model/position.ts";
import type { Chunk } from "../../model/record.ts";
import { rowSuffix } from "../../model/snapshot.ts";
import type { StreamSettings } from "../../model/settings.ts";
import type { DocumentCursor } from "../documents.ts";
import type { StreamContext } from "../stream_context.ts";
import { type Batch, Batcher } from "./batcher.ts";

/** Documents asked for at once: a chunk is at most a batch, and time matters more than speed here. */
const ROWS_A_REPLY = 1000;
const NO_LIMITS = {
  rowsMax: Number.MAX_SAFE_INTEGER,
  bytesMax: Number.MAX_SAFE_INTEGER,
  objectsMax: Number.MAX_SAFE_INTEGER,
};

/**
 * Reads the documents of a chunk again, at its time. `unreadable`: that time is forgotten, or the collection is another
 * one; undefined where the chunk has no documents.
 */
export async function readChunk(
  context: StreamContext,
  chunk: Chunk,
  settings: StreamSettings,
  setAside: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<Batch | undefined | "unreadable"> {
  const { plan, index } = context.range!;
  const piece = plan.ranges[index - 1]!.pieces[chunk.piece]!;
  const { from, to, at, row } = chunk;
  const batcher = new Batcher(
    context.stream,
    positionAfterTime(at),
    settings.keyRule.bucket,
    NO_LIMITS,
    setAside,
  );
  let cursor: DocumentCursor | undefined;
  try {
    cursor = await context.documents!.open({
      ...{ piece, at, row, suffix: rowSuffix(plan.id, index), settings },
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(plan.where === undefined ? {} : { where: plan.where }),
    }, signal);
    for (;;) {
      signal.throwIfAborted();
      const reply = await cursor.next(ROWS_A_REPLY);
      if (reply.state === "gone") return "unreadable";
      batcher.add({ reply, next: 0 });
      if (reply.state === "ended") return batcher.cut();
    }
  } catch (error) {
    if (error instanceof HistoryLostError) return "unreadable";
    throw error;
  } finally {
    await cursor?.close();
  }
}
