import { type Clock, sleep } from "../../support/clock.ts";
import type { DocumentCursor, DocumentSource } from "../documents.ts";

/**
 * The same documents, of each cursor at most so many read a second, whatever stages leave of them: they are asked for in parts of
 * about a second, and what was read is waited for before the next. `perSecond` is asked each time, so that others can take a share.
 */
export function pacedDocuments(
  source: DocumentSource,
  perSecond: () => number,
  clock: Clock,
): DocumentSource {
  return {
    survey: (request, signal) => source.survey(request, signal),
    divide: (collection, parts, signal) => source.divide(collection, parts, signal),
    findAny: (request, signal) => source.findAny(request, signal),
    open: async (request, signal) => {
      return paced(await source.open(request, signal), perSecond, clock, signal);
    },
  };
}

function paced(
  cursor: DocumentCursor,
  perSecond: () => number,
  clock: Clock,
  signal: AbortSignal,
): DocumentCursor {
  let readyMs = clock.monotonicMs();
  return {
    holdsRoom: cursor.holdsRoom,
    close: () => cursor.close(),
    async next(rowsMax) {
      const waitMs = readyMs - clock.monotonicMs();
      if (waitMs > 0) await sleep(clock, waitMs, signal);
      const rate = perSecond();
      const most = Math.max(1, Math.floor(rate));
      const begunMs = clock.monotonicMs();
      // Nothing is asked for ahead: it would be as much as without a pace.
      const reply = await cursor.next(Math.min(rowsMax, most), undefined, most);
      readyMs = begunMs + (reply.scanned ?? reply.starts.length) / rate * 1000;
      return reply;
    },
  };
}
