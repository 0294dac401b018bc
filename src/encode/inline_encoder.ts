import { EncoderCrashError, errorMessage } from "../model/errors.ts";
import type { BegunObject, Encoder } from "../pipeline/ports.ts";
import type { Clock } from "../support/clock.ts";
import { Limiter } from "../support/flow/limited.ts";
import { beginObject, encodeEvents, type ObjectInProgress } from "./encode_events.ts";
import { assertEncodable } from "./formats.ts";
import { Scratch } from "./scratch.ts";

/**
 * An encoder in this thread, for one core and for tests. Each call blocks the thread until its object is done; an
 * object that is begun blocks it a step at a time, and there is one of these at a time.
 *
 * `PermanentError` for a compression that the format cannot have.
 */
export function createInlineEncoder(clock: Clock): Encoder {
  // One after the other: each would want sinks of its own, and there is one thread.
  const turns = new Limiter(1);
  /** Of the whole objects, or of the one that is begun. */
  const idle: Scratch[] = [];
  let isBegun = false;
  const giveBack = (scratch: Scratch): void => {
    scratch.trim();
    if (idle.length === 0) idle.push(scratch);
  };
  return {
    async encode(request) {
      assertEncodable(request.encoding);
      return await turns.run(async () => {
        const startMs = clock.monotonicMs();
        const scratch = idle.pop() ?? new Scratch();
        try {
          const encoded = await encodeEvents(request, scratch);
          return { ...encoded, encodeMs: clock.monotonicMs() - startMs };
        } catch (cause) {
          throw crashError(cause);
        } finally {
          giveBack(scratch);
        }
      });
    },
    begin(encoding, bytesExpected) {
      assertEncodable(encoding);
      if (isBegun) return undefined;
      isBegun = true;
      const scratch = idle.pop() ?? new Scratch();
      return begunHere(clock, beginObject(encoding, scratch, bytesExpected), () => {
        isBegun = false;
        giveBack(scratch);
      });
    },
  };
}

/** Steps are taken in order, one after the other; the first that fails is the last. */
function begunHere(
  clock: Clock,
  opening: Promise<ObjectInProgress>,
  ended: () => void,
): BegunObject {
  let encodeMs = 0;
  let isEnded = false;
  const timed = async <T>(step: () => Promise<T>): Promise<T> => {
    const startMs = clock.monotonicMs();
    const result = await step();
    encodeMs += clock.monotonicMs() - startMs;
    return result;
  };
  let turn = opening;
  const add = (chunks: Parameters<BegunObject["add"]>[0]): void => {
    turn = turn.then(async (object) => {
      await timed(() => object.add(chunks));
      return object;
    });
    turn.catch(() => {}); // `finish` tells.
  };
  return {
    // Who adds has to wait for each step anyway: there is one thread.
    isBehind: false,
    add,
    async finish(chunks) {
      isEnded = true;
      add(chunks);
      try {
        const object = await turn;
        const encoded = await timed(() => object.finish());
        return { ...encoded, encodeMs };
      } catch (cause) {
        opening.then((object) => object.drop(), () => {});
        throw crashError(cause);
      } finally {
        ended();
      }
    },
    drop() {
      if (isEnded) return;
      isEnded = true;
      // Also after a step has failed.
      turn.catch(() => {}).then(() => opening).then((object) => object.drop()).then(ended, ended);
    },
  };
}

function crashError(cause: unknown): EncoderCrashError {
  return new EncoderCrashError(`Cannot encode an object: ${errorMessage(cause)}`, { cause });
}
