import assert from "node:assert/strict";
import {
  comparePositions,
  type Position,
  positionAfterTime,
  samePosition,
} from "../../src/model/position.ts";
import { namesObjects } from "../../src/model/record.ts";
import { type Stream, targetKey } from "../../src/model/stream.ts";
import type { SeenJournal } from "./seen_journal.ts";

type Barriers = ReadonlyMap<string, Position>;

/** Asserts that a partition begins at its layout's barrier, when all streams of the epochs before are closed. */
export function assertPartitionBegins(
  stream: Stream,
  at: Position,
  barriers: Barriers,
  journals: ReadonlyMap<string, SeenJournal>,
): void {
  if (stream.level !== "collection") return;
  const { partition } = stream;
  const target = targetKey(stream);
  for (const other of journals.values()) {
    if (other.stream === stream || targetKey(other.stream) !== target) continue;
    const epoch = epochOf(other.stream);
    if (epoch === (partition?.epoch ?? 0)) continue;
    // A collection may be begun whole and divided at once; what is whole then ends where it began.
    const first = barriers.get(`${target}/1`);
    const endsAtOnce = (position: Position) => first !== undefined && samePosition(first, position);
    if (partition === undefined) {
      assert(endsAtOnce(at), `an earlier epoch of ${target} begins after a later`);
      continue;
    }
    assert(epoch < partition.epoch, `an earlier epoch of ${target} begins after a later`);
    // Until its end is written it may say that it is there still; events there are none before that end.
    const hasNothing = first !== undefined && other.records.every(({ to }) => isSameEnd(first, to));
    if (epoch === 0 && hasNothing) continue;
    assert.equal(other.records.at(-1)?.kind, "closed", `${target}: two epochs at once`);
  }
  if (partition === undefined) return;
  const barrier = barriers.get(`${target}/${partition.epoch}`);
  assert(barrier !== undefined, `${target}: a partition of no layout`);
  assert(samePosition(barrier, at), `${target}: a partition begins elsewhere`);
}

/**
 * Asserts that a stream ends where the next epoch begins. One that people have moved beyond that place, or that heard of it
 * from a server that lagged behind, may end where it stands, as long as it has stored nothing beyond; where it is retired,
 * that does not matter either.
 */
export function assertPartitionEnds(
  { stream, records }: SeenJournal,
  at: Position,
  barriers: Barriers,
  isRetired: boolean,
): void {
  const next = barriers.get(`${targetKey(stream)}/${epochOf(stream) + 1}`);
  assert(next !== undefined, `${targetKey(stream)} ends and nothing follows`);
  if (isSameEnd(next, at)) return;
  const isBeyond = comparePositions(at, next) > 0 &&
    (isRetired ||
      !records.some((each) => namesObjects(each) && comparePositions(each.to, next) > 0));
  assert(isBeyond, `${targetKey(stream)} ends elsewhere`);
}

/** Before the first event of a time there is no token: there an end is told by what all tokens of that time begin with. */
function isSameEnd(barrier: Position, at: Position): boolean {
  if (samePosition(barrier, at)) return true;
  const start = positionAfterTime(barrier.operationTime).data.slice(0, -2);
  return barrier.data === "" && samePosition({ ...barrier, data: start }, at);
}

function epochOf(stream: Stream): number {
  return stream.level === "collection" ? stream.partition?.epoch ?? 0 : 0;
}
