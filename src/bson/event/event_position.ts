import { Buffer } from "node:buffer";
import { type Position, positionAfterToken } from "../../model/position.ts";
import { type EventSpans, readEventSpans } from "./event_spans.ts";

/** The position just after the event at `start`. */
export function positionOfEvent(bytes: Uint8Array, start: number, spans: EventSpans): Position {
  readEventSpans(bytes, start, spans);
  const data = tokenOfEvent(bytes, spans);
  if (spans.typeBitsStart < 0) return positionAfterToken(data);
  const typeBits = bytes.slice(spans.typeBitsStart, spans.typeBitsEnd);
  return positionAfterToken(data, Buffer.from(typeBits).toString("base64"));
}

/** The `_data` of the token of the event that was read last. */
export function tokenOfEvent(bytes: Uint8Array, { tokenStart, tokenEnd }: EventSpans): string {
  return decoder.decode(bytes.subarray(tokenStart, tokenEnd));
}

const decoder = new TextDecoder();
