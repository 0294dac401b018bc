import type { RowEncoding } from "../../model/settings.ts";
import type { EncodeAhead } from "./batcher.ts";
import type { Encoder } from "../ports.ts";
import type { StreamOptions } from "../stream_context.ts";

/** Larger buffers are better grown into. */
const BYTES_EXPECTED_MAX = 64 * 1024 * 1024;

/**
 * Lets large objects go to the encoder while their batch still fills. Raw events are what weighs most in memory, and the
 * last batch of a backlog is stored sooner where only its end is left to encode. `progress` is called when more may come
 * for an object that was behind.
 */
export function encodeAhead(
  encoder: Encoder,
  encoding: RowEncoding,
  options: Pick<StreamOptions, "batch" | "encodeAheadBytesMin">,
  progress: () => void,
): EncodeAhead {
  const bytesExpected = Math.min(options.batch.bytesMax, BYTES_EXPECTED_MAX);
  return {
    bytesMin: options.encodeAheadBytesMin,
    begin: () => encoder.begin?.(encoding, bytesExpected, progress),
  };
}
