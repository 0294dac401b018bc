import { compareClusterTimes, describeClusterTime } from "../../model/cluster_time.ts";
import { HistoryLostError, PermanentError, TransientError } from "../../model/errors.ts";
import type { Position } from "../../model/position.ts";
import type { EventCursor, OpenRequest, SourceReply } from "../../pipeline/ports.ts";
import type { Clock } from "../../support/clock.ts";
import { Wake } from "../../support/flow/notify.ts";
import { positionAfterInvalidate } from "../after_invalidate.ts";
import { type ChangeStreamRequest, groupStream } from "../change_stream_request.ts";
import { EventReader } from "../event_reader.ts";
import type { MemoryOplog } from "./memory_oplog.ts";
import { ServerCursor, type ServerReply } from "./memory_server.ts";
import { openAsSet } from "../namespace_cursor.ts";
import { redactedCursor } from "../redacted_cursor.ts";
import type { GroupSource } from "../shared/group_source.ts";

export interface MemorySourceOptions {
  readonly oplog: MemoryOplog;
  readonly clock: Clock;
  /** How long an idle stream waits before it answers with no events. Default 1000. */
  readonly awaitMs?: number;
  /** Whether the server sends events over 16 MB in fragments, as later versions do. */
  readonly splitsLargeEvents?: boolean;
}

const AWAIT_MS = 1_000;

/**
 * Change streams over an oplog in memory, with the behaviour of the real ones, for benches and simulation: a server
 * (`memory_server.ts`) as unkind as a real one, and the parts that read from a real one. User stages need a real server
 * and are refused; which images an event carries was decided when it was appended.
 */
export function createMemorySource(options: MemorySourceOptions): GroupSource {
  const { oplog, awaitMs = AWAIT_MS } = options;
  // deno-lint-ignore require-await -- What it throws must be a rejection.
  const open = async (request: ChangeStreamRequest, signal: AbortSignal) => {
    signal.throwIfAborted();
    checkRequest(oplog, request);
    return redactedCursor(new MemoryCursor(request, options), request.settings);
  };
  return {
    idle: { awaitMs, awaitMsMax: () => awaitMs },
    describe: () =>
      Promise.resolve({
        identity: { setName: "memory" },
        operationTime: oplog.operationTime,
        oldestOplogTime: oplog.oldestTime,
        version: "memory",
      }),
    open: (request, signal) => openAsSet(open, request, signal),
    admit: (requests) => Promise.resolve(requests.map((request) => faultOf(oplog, request))),
    openGroup: (request, signal) => open(groupStream(request), signal),
  };
}

function faultOf(oplog: MemoryOplog, request: OpenRequest): Error | undefined {
  try {
    checkRequest(oplog, request);
    return undefined;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

function checkRequest(oplog: MemoryOplog, request: OpenRequest): void {
  if (request.settings.stages.length > 0) {
    throw new PermanentError("Cannot open a change stream in memory: it has no pipeline stages");
  }
  const { operationTime, data } = request.from;
  const at = describeClusterTime(operationTime);
  if (compareClusterTimes(operationTime, oplog.oldestTime) < 0) {
    throw new HistoryLostError(`Cannot go on from ${at}: the oldest entry of the oplog is newer`);
  }
  if (compareClusterTimes(operationTime, oplog.operationTime) > 0) {
    throw new HistoryLostError(`Cannot go on from ${at}: the last entry of the oplog is older`);
  }
  if (data !== "" && !oplog.knows(operationTime)) {
    throw new HistoryLostError(`Cannot go on from ${at}: MongoDB has no operation of that time`);
  }
}

/** Reads as `MongoCursor` does. */
class MemoryCursor implements EventCursor {
  readonly #options: MemorySourceOptions;
  readonly #server: ServerCursor;
  readonly #reader: EventReader;
  readonly #from: Position;
  readonly #wake: Wake;
  readonly #stopListening: () => void;
  #isClosed = false;
  #isEnded = false;

  constructor(request: ChangeStreamRequest, options: MemorySourceOptions) {
    this.#options = options;
    const { oplog, splitsLargeEvents = false } = options;
    this.#from = request.from;
    this.#server = new ServerCursor(oplog, request, splitsLargeEvents);
    this.#reader = new EventReader({ from: request.from, mergeFragments: splitsLargeEvents });
    this.#wake = new Wake(options.clock);
    this.#stopListening = options.oplog.onAppend(() => this.#wake.ring());
  }

  async next(rowsMax: number): Promise<SourceReply> {
    const { clock, awaitMs = AWAIT_MS } = this.#options;
    if (this.#isEnded) {
      throw new PermanentError("Cannot read on: the server has ended this change stream");
    }
    const startMs = clock.monotonicMs();
    const deadlineMs = startMs + awaitMs;
    while (true) {
      if (this.#isClosed) {
        throw new TransientError("Cannot read on: the change stream was closed");
      }
      const reply = this.#server.read(rowsMax);
      const leftMs = deadlineMs - clock.monotonicMs();
      if (reply.starts.length > 0 || reply.id === 0n || leftMs <= 0) {
        return { ...this.#take(reply), waitMs: clock.monotonicMs() - startMs };
      }
      await this.#wake.wait(leftMs);
    }
  }

  // deno-lint-ignore require-await -- There is nothing to wait for.
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopListening();
    this.#wake.ring();
  }

  #take(reply: ServerReply): Omit<SourceReply, "waitMs"> {
    const { starts, bytes, highWater } = this.#reader.read(reply.bytes, reply);
    const invalidated = reply.id === 0n;
    this.#isEnded = invalidated;
    if (!invalidated) return { bytes, starts, highWater, invalidated };
    const after = positionAfterInvalidate(reply.highWater!, this.#from);
    return { bytes, starts, highWater: after, invalidated };
  }
}
