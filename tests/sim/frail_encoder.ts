import { EncoderCrashError, TransientError } from "../../src/model/errors.ts";
import type { Encoding } from "../../src/model/settings.ts";
import type {
  BegunObject,
  Encoder,
  EncodeRequest,
  EncodeResult,
  EventChunk,
} from "../../src/pipeline/ports.ts";

/** The text in a document that kills whatever encodes it. */
export const POISON = "kills the encoder";

const decoder = new TextDecoder();

/**
 * An encoder that dies on poison. `losesObject`, asked once for each object that is begun, says whether it dies on
 * somebody else's events before the object is finished.
 */
export class FrailEncoder implements Encoder {
  readonly #inner: Encoder;
  readonly #losesObject: () => boolean;
  readonly #begun = new Set<BegunObject>();

  constructor(inner: Encoder, losesObject: () => boolean) {
    this.#inner = inner;
    this.#losesObject = losesObject;
  }

  /** The objects that hold a place at the encoder. */
  get begunCount(): number {
    return this.#begun.size;
  }

  encode(request: EncodeRequest): Promise<EncodeResult> {
    return request.chunks.some(isPoisoned) ? Promise.reject(died()) : this.#inner.encode(request);
  }

  /** In one thread: what kills it takes all of them with it. */
  encodeTogether(requests: readonly EncodeRequest[]): Promise<EncodeResult[]> {
    const dies = requests.some(({ chunks }) => chunks.some(isPoisoned));
    if (dies) return Promise.reject(died());
    return Promise.all(requests.map((request) => this.#inner.encode(request)));
  }

  begin(
    encoding: Encoding,
    bytesExpected: number,
    progress: () => void,
  ): BegunObject | undefined {
    const inner = this.#inner.begin!(encoding, bytesExpected, progress);
    if (inner === undefined) return undefined;
    this.#begun.add(inner);
    return frailObject(inner, this.#losesObject(), () => this.#begun.delete(inner));
  }
}

function frailObject(inner: BegunObject, isLost: boolean, ended: () => void): BegunObject {
  let isDead = false;
  const dies = (chunks: readonly EventChunk[]) => isDead ||= !isLost && chunks.some(isPoisoned);
  return {
    isBehind: false,
    add: (chunks) => dies(chunks) ? inner.drop() : inner.add(chunks),
    finish(chunks) {
      ended();
      if (!dies(chunks) && !isLost) return inner.finish(chunks);
      inner.drop();
      return Promise.reject(isLost ? new TransientError("The object's encoder died") : died());
    },
    drop() {
      ended();
      inner.drop();
    },
  };
}

function isPoisoned({ bytes }: EventChunk): boolean {
  return decoder.decode(bytes).includes(POISON);
}

function died(): EncoderCrashError {
  return new EncoderCrashError("The encoder died");
}
