import { EncoderCrashError, TransientError } from "../../src/model/errors.ts";
import type { BegunObject, Encoder, EventChunk } from "../../src/pipeline/stages.ts";

/** The text in a document that kills whatever encodes it. */
export const POISON = "kills the encoder";

const decoder = new TextDecoder();

/**
 * An encoder that dies on poison. `losesObject`, asked once for each object that is begun, says whether it dies on
 * somebody else's events before the object is finished.
 */
export function frailEncoder(inner: Encoder, losesObject: () => boolean): Encoder {
  return {
    encode(request) {
      return request.chunks.some(isPoisoned) ? Promise.reject(died()) : inner.encode(request);
    },
    begin(encoding, bytesExpected) {
      const begun = inner.begin!(encoding, bytesExpected);
      return begun && frailObject(begun, losesObject());
    },
  };
}

function frailObject(inner: BegunObject, isLost: boolean): BegunObject {
  let isDead = false;
  const dies = (chunks: readonly EventChunk[]) => isDead ||= !isLost && chunks.some(isPoisoned);
  return {
    add: (chunks) => dies(chunks) ? inner.drop() : inner.add(chunks),
    finish(chunks) {
      if (!dies(chunks) && !isLost) return inner.finish(chunks);
      inner.drop();
      return Promise.reject(isLost ? new TransientError("The object's encoder died") : died());
    },
    drop: () => inner.drop(),
  };
}

function isPoisoned({ bytes }: EventChunk): boolean {
  return decoder.decode(bytes).includes(POISON);
}

function died(): EncoderCrashError {
  return new EncoderCrashError("The encoder died");
}
