import assert from "node:assert/strict";
import { TransientError } from "../../src/model/errors.ts";
import type { Position } from "../../src/model/position.ts";
import {
  eventsOf,
  openFrom,
  type SeenEvent,
  type SourceUnderTest,
} from "../contract/source_contract.ts";

/** Reads as the pipeline does: after a transient error it opens again where it was. */
export async function readThrough(
  under: SourceUnderTest,
  start: Position,
  events: number,
): Promise<SeenEvent[]> {
  const seen: SeenEvent[] = [];
  let position = start;
  while (seen.length < events) {
    try {
      await using opened = await openFrom(under, position);
      while (seen.length < events) {
        const reply = await opened.cursor.next(2);
        seen.push(...eventsOf(reply));
        position = reply.highWater;
      }
    } catch (error) {
      assert.ok(error instanceof TransientError, String(error));
    }
  }
  return seen;
}
