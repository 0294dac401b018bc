/** What tests of the formats need around them. */
import { EventSpans, readEventSpans } from "../../../src/bson/event/event_spans.ts";
import type { OpenObject } from "../../../src/encode/object_writer.ts";
import { Scratch } from "../../../src/encode/scratch.ts";
import type { Encoding } from "../../../src/model/settings.ts";
import type { SampleEvent } from "../../contract/encoder_events.ts";

/** The object that a format makes of these events, without what stands around the formats. */
export async function encodeRows(
  open: OpenObject,
  encoding: Encoding,
  samples: readonly SampleEvent[],
): Promise<Uint8Array<ArrayBuffer>> {
  const writer = await open(encoding, new Scratch(), 0);
  for (const { bson } of samples) writer.add(bson, spansOf(bson));
  return writer.finish();
}

/** The header of an event that begins where its bytes do. */
export function spansOf(event: Uint8Array): EventSpans {
  const spans = new EventSpans();
  readEventSpans(event, 0, spans);
  return spans;
}

export function text(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}
