/** Events without what REDACT names. */
import assert from "node:assert/strict";
import { BSON, Timestamp } from "bson";
import { ByteSink } from "../../src/bson/byte_sink.ts";
import { EventRedactor } from "../../src/bson/redact_event.ts";
import { Redaction } from "../../src/bson/redaction.ts";

export type Fields = Record<string, unknown>;

export const HEADER = {
  _id: { _data: "8265" },
  operationType: "update",
  clusterTime: new Timestamp({ t: 1, i: 1 }),
  ns: { db: "shop", coll: "orders" },
};

/** Bytes with something before and behind the event. */
function framed(event: Uint8Array): Uint8Array {
  return new Uint8Array([9, 9, 9, ...event, 9, 9]);
}

/** The event without these paths; undefined where it is not changed. */
export function redact(
  event: Uint8Array,
  paths: readonly string[],
  written: readonly string[] = [],
): Uint8Array | undefined {
  const redactor = new EventRedactor(Redaction.from(paths), new Set(written));
  const bytes = framed(event);
  const before = bytes.slice();
  const isChanged = redactor.read(bytes, 3);
  assert.equal(redactor.end, 3 + event.length);
  const out = new ByteSink(8);
  if (isChanged) redactor.write(out);
  assert.deepEqual(bytes, before);
  return isChanged ? out.take() : undefined;
}

/** What becomes of the fields of an event; names only paths of which no document key has any. */
export function without(fields: Fields, ...paths: string[]): Fields {
  return withoutWritten([], fields, ...paths);
}

/** As `without`, where stages may have put documents into these fields. */
export function withoutWritten(
  written: readonly string[],
  fields: Fields,
  ...paths: string[]
): Fields {
  const event = BSON.serialize({ ...HEADER, ...fields });
  const left = redact(event, paths, written) ?? event;
  const { _id, operationType, clusterTime, ns, ...rest } = BSON.deserialize(left, {
    promoteValues: true,
  });
  assert.deepEqual([_id, operationType, ns], [HEADER._id, "update", HEADER.ns]);
  assert(clusterTime);
  return rest;
}
