import type { ClusterTime } from "../../model/cluster_time.ts";
import { rowToken } from "../../model/snapshot.ts";
import { ByteSink } from "../byte_sink.ts";
import { DOCUMENT, STRING } from "../element_type.ts";
import { documentEnd, elementSize, nameEnd } from "../skip.ts";
import { boundOf } from "./id_bound.ts";

/** The name under which the `_id` of its document lies in the event's `_id`, where no stage may change it. */
export const STAGED_ID = "of";

/** Events of documents that were read at one time, in the order of `_id`. */
export interface StagedEvents {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly starts: Uint32Array<ArrayBuffer>;
  /** Where the document of each stands. */
  readonly bounds: readonly string[];
}

/**
 * Makes events of snapshots of inserts that a user's stages have left: with the token and the operation of a snapshot, and without
 * the time of day, which is there for stages that ask for it. Undefined
 * where a stage has changed or removed an event's `_id`.
 */
export function readStagedEvents(
  bytes: Uint8Array,
  starts: Uint32Array,
  time: ClusterTime,
  suffix: string,
  row: number,
): StagedEvents | undefined {
  const out = new ByteSink(bytes.length);
  const moved = new Uint32Array(starts.length);
  const bounds: string[] = [];
  for (const [i, start] of starts.entries()) {
    moved[i] = out.length;
    const bound = writeEvent(bytes, start, rowToken(time, suffix, row + i), out);
    if (bound === undefined) return undefined;
    bounds.push(bound);
  }
  return { bytes: out.release(), starts: moved, bounds };
}

function writeEvent(
  bytes: Uint8Array,
  start: number,
  token: string,
  out: ByteSink,
): string | undefined {
  const begin = out.length;
  out.writeBytes(ZEROS, 0, 4);
  const last = documentEnd(bytes, start, bytes.length) - 1;
  let bound: string | undefined;
  for (let at = start + 4; at < last;) {
    const value = nameEnd(bytes, at + 1, last) + 1;
    const end = value + elementSize(bytes, bytes[at]!, value, last);
    const name = bytes.subarray(at + 1, value - 1);
    if (isText(name, "_id") && bytes[at] === DOCUMENT) {
      bound = boundIn(bytes, value);
      writeToken(token, out);
    } else if (isText(name, "operationType") && isInsert(bytes, at, value, end)) {
      out.writeBytes(SNAPSHOT, 0, SNAPSHOT.length);
    } else if (!isText(name, "wallTime")) out.writeBytes(bytes, at, end);
    at = end;
  }
  out.writeByte(0);
  out.view.setInt32(begin, out.length - begin, true);
  return bound;
}

function writeToken(token: string, out: ByteSink): void {
  out.writeBytes(TOKEN_HEAD, 0, TOKEN_HEAD.length);
  const begin = out.length;
  out.writeBytes(ZEROS, 0, 4);
  out.writeBytes(DATA_HEAD, 0, DATA_HEAD.length);
  out.writeBytes(ZEROS, 0, 4);
  out.view.setInt32(out.length - 4, token.length + 1, true);
  out.writeAscii(token);
  out.writeBytes(ZEROS, 0, 2);
  out.view.setInt32(begin, out.length - begin, true);
}

/** The bound that the token's document holds. */
function boundIn(bytes: Uint8Array, start: number): string | undefined {
  const last = documentEnd(bytes, start, bytes.length) - 1;
  for (let at = start + 4; at < last;) {
    const value = nameEnd(bytes, at + 1, last) + 1;
    const end = value + elementSize(bytes, bytes[at]!, value, last);
    if (isText(bytes.subarray(at + 1, value - 1), STAGED_ID)) {
      return boundOf(bytes[at]!, bytes.subarray(value, end));
    }
    at = end;
  }
  return undefined;
}

/** A stage may have made another operation of it, which stays. */
function isInsert(bytes: Uint8Array, at: number, value: number, end: number): boolean {
  return bytes[at] === STRING && isText(bytes.subarray(value + 4, end - 1), "insert");
}

function isText(bytes: Uint8Array, text: string): boolean {
  if (bytes.length !== text.length) return false;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

const ZEROS = new Uint8Array(4);
const utf8 = (text: string) => new TextEncoder().encode(text);
const TOKEN_HEAD = Uint8Array.of(DOCUMENT, ...utf8("_id"), 0);
const DATA_HEAD = Uint8Array.of(STRING, ...utf8("_data"), 0);
const SNAPSHOT = Uint8Array.of(
  ...[STRING, ...utf8("operationType"), 0, "snapshot".length + 1, 0, 0, 0, ...utf8("snapshot"), 0],
);
