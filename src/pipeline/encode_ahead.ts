import type { Encoding } from "../model/settings.ts";
import type { EncodeAhead } from "./batcher.ts";
import type { Encoder } from "./stages.ts";
import type { StreamOptions } from "./stream_context.ts";

/** Larger buffers are better grown into. */
const BYTES_EXPECTED_MAX = 64 * 1024 * 1024;

/**
 * Lets large objects go to the encoder while their batch still fills. Raw events are what weighs most in memory, and the
 * last batch of a backlog is stored sooner where only its end is left to encode.
 */
export function encodeAhead(
  encoder: Encoder,
  encoding: Encoding,
  options: Pick<StreamOptions, "batch" | "encodeAheadBytesMin">,
): EncodeAhead {
  return {
    bytesMin: options.encodeAheadBytesMin,
    begin: () => encoder.begin?.(encoding, Math.min(options.batch.bytesMax, BYTES_EXPECTED_MAX)),
  };
}
