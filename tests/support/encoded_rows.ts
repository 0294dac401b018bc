import { createInlineEncoder } from "../../src/encode/inline_encoder.ts";
import { ObjectFeed, type ReadObject } from "../../src/encode/compress/object_feed.ts";
import type { Encoding } from "../../src/model/settings.ts";
import { systemClock } from "../../src/support/clock.ts";
import { chunkOf, sampleEvent } from "../contract/encoder_events.ts";

/** An object with so many rows. */
export async function encodedRows(
  encoding: Pick<Encoding, "format" | "compression">,
  rows: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const events = Array.from({ length: rows }, (_, i) => sampleEvent(i).bson);
  const encoder = createInlineEncoder(systemClock);
  const whole: Encoding = { ...encoding, jsonMode: "relaxed" };
  return (await encoder.encode({ encoding: whole, chunks: [chunkOf(events)] })).bytes;
}

export function readerOf(bytes: Uint8Array): ReadObject {
  return (start, end) => Promise.resolve(new Uint8Array(bytes.slice(start, end)));
}

export function feedOf(bytes: Uint8Array): ObjectFeed {
  return new ObjectFeed(readerOf(bytes), bytes.length);
}
