import { EncoderCrashError, errorMessage } from "../model/errors.ts";
import type { Encoder } from "../pipeline/stages.ts";
import type { Clock } from "../support/clock.ts";
import { encodeEvents } from "./encode_events.ts";
import { assertEncodable } from "./formats.ts";
import { Scratch } from "./scratch.ts";

/**
 * An encoder in this thread, for one core and for tests. Each call blocks the thread until its object is done.
 *
 * `PermanentError` for a compression that the format cannot have.
 */
export function createInlineEncoder(clock: Clock): Encoder {
  // Requests overlap where a codec is being loaded, so each has its own sinks.
  const idle: Scratch[] = [];
  return {
    async encode(request) {
      assertEncodable(request.encoding);
      const startMs = clock.monotonicMs();
      const scratch = idle.pop() ?? new Scratch();
      try {
        const encoded = await encodeEvents(request, scratch);
        return { ...encoded, encodeMs: clock.monotonicMs() - startMs };
      } catch (cause) {
        throw new EncoderCrashError(`Cannot encode an object: ${errorMessage(cause)}`, { cause });
      } finally {
        scratch.trim();
        if (idle.length === 0) idle.push(scratch);
      }
    },
  };
}
