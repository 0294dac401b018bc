/** Records that say that something is lost. */
import type { BatchRecord, GapRecord, VoidRecord } from "../../src/model/record.ts";
import { heartbeat } from "../contract/journal_contract.ts";

export function gap(seq: number): GapRecord {
  return { ...heartbeat(seq), kind: "gap", reason: "the oplog is too short" };
}

/** Gives up that many objects. */
export function voided(seq: number, objects: number): VoidRecord {
  const given = Array.from({ length: objects }, (_, i) => ({ seq: 1, key: `o-${i}`, rows: 5 }));
  return { ...heartbeat(seq), kind: "void", objects: given, reason: "the oplog is too short" };
}

/** Two events in dead letters and no rows. */
export const BATCH_WITH_LETTERS: BatchRecord = {
  ...heartbeat(1),
  kind: "batch",
  objects: [],
  deadLetters: [{
    key: "x",
    bytes: 9,
    events: [{ data: "82", reason: "r" }, { data: "83", reason: "r" }],
  }],
};
