import { Buffer } from "node:buffer";
import { PermanentError } from "../../model/errors.ts";
import { isRefusal, refusesCredentials, s3Status } from "./s3_faults.ts";

/** A checksum as S3 has it in headers: the four bytes, big end first, in base64. */
export function crc32ToBase64(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64");
}

/**
 * The checksum of all bytes that the answer to a HEAD tells. None where the object has none, another kind, or one that is
 * made of its parts' checksums (`...-3`).
 */
export function crc32OfAnswer(
  answer: {
    readonly ChecksumCRC32?: string | undefined;
    readonly ChecksumType?: string | undefined;
  },
): string | undefined {
  const { ChecksumCRC32: text, ChecksumType: type } = answer;
  if (text === undefined || type === "COMPOSITE" || !/^[A-Za-z0-9+/]{6}==$/.test(text)) {
    return undefined;
  }
  return Buffer.from(text, "base64").toString("hex");
}

/**
 * Whether one kind of request may speak of checksums. Buckets with Object Lock take no object without one, and some stores
 * refuse what they do not know: so it is asked with them, and without them where that is refused.
 */
export class ChecksumHabit {
  readonly #onLeftOut: () => void;
  #state: "untried" | "taken" | "left-out" = "untried";

  /** `onLeftOut` is called when it turns out that the store does not take them. */
  constructor(onLeftOut: () => void = () => {}) {
    this.#onLeftOut = onLeftOut;
  }

  get isLeftOut(): boolean {
    return this.#state === "left-out";
  }

  /**
   * Does the request, first with checksums as long as it is not known that the store refuses them. `shows`: whether the
   * result can only mean that it took them.
   */
  async run<T>(
    request: (withChecksums: boolean) => Promise<T>,
    shows: (result: T) => boolean = () => true,
  ): Promise<T> {
    if (this.#state === "left-out") return await request(false);
    try {
      const result = await request(true);
      if (shows(result)) this.#state = "taken";
      return result;
    } catch (error) {
      if (this.#state !== "untried" || !mayBeChecksums(error)) throw error;
      const result = await orThrow(request(false), error);
      if (shows(result) && this.#state === "untried") {
        this.#state = "left-out";
        this.#onLeftOut();
      }
      return result;
    }
  }
}

/** The first error says more, where it was not the checksum. */
async function orThrow<T>(second: Promise<T>, first: unknown): Promise<T> {
  try {
    return await second;
  } catch {
    throw first;
  }
}

/** Whether the store may have refused because of a header that it does not know. */
function mayBeChecksums(error: unknown): boolean {
  if (!(error instanceof PermanentError) || refusesCredentials(error.cause)) return false;
  return isRefusal(error.cause) && [400, 501].includes(s3Status(error.cause) ?? 0);
}
