import assert from "node:assert/strict";
import { BSON } from "bson";
import type { KeyRule } from "../../src/model/settings.ts";
import { isoTime } from "../../src/support/clock.ts";
import type { TrueEvent } from "./true_events.ts";

/** The events of a batch by the object they belong to: `[database, collection, bucket]` as JSON. */
export function groupEvents(
  events: readonly TrueEvent[],
  rule: KeyRule,
): Map<string, TrueEvent[]> {
  const groups = new Map<string, TrueEvent[]>();
  for (const event of events) {
    const time = isoTime(event.time.t * 1000);
    const length = { hour: 13, day: 10, none: 0 }[rule.bucket];
    const id = JSON.stringify([event.database, event.collection, time.slice(0, length)]);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [event]);
    else group.push(event);
  }
  return groups;
}

/** The tokens of the events in a JSON Lines object, in order. */
export function tokensInObject(bytes: Uint8Array): string[] {
  const lines = new TextDecoder().decode(bytes).trimEnd().split("\n");
  return lines.map((line) => /"resume_token":"([0-9A-F]+)"/.exec(line)?.[1] ?? "");
}

/** Asserts that a JSON Lines object holds exactly these events, in order. */
export function assertObject(key: string, bytes: Uint8Array, events: readonly TrueEvent[]): void {
  assert.deepEqual(tokensInObject(bytes), events.map(({ data }) => data), `the events of ${key}`);
}

/** Asserts that a dead letter file holds exactly these events, in any order. */
export function assertLetters(key: string, bytes: Uint8Array, events: readonly TrueEvent[]): void {
  const tokens: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = new DataView(bytes.buffer, bytes.byteOffset).getInt32(at, true);
    tokens.push(BSON.deserialize(bytes.subarray(at, at + size))["_id"]._data);
    at += size;
  }
  assert.deepEqual(tokens.sort(), events.map(({ data }) => data).sort(), `the letters in ${key}`);
}
