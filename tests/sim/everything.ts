import assert from "node:assert/strict";
import { comparePositions, type Position, positionAfterTime } from "../../src/model/position.ts";
import { type Stream, streamName, targetKey } from "../../src/model/stream.ts";
import { settingsOf } from "./seen_journal.ts";
import { assertLatestState } from "./latest_state.ts";
import { tokensInObject } from "./object_rules.ts";
import type { SimWorld } from "./sim_world.ts";
import type { Simulation } from "./simulation.ts";

/**
 * Asserts that each event of each target since its first start lies in exactly one of its objects, and nothing else there.
 * Events in dead letters, gaps and objects given up are in none. Neither records nor what was seen on the way count: the
 * objects themselves are read.
 */
export async function assertEverything(sim: Simulation, world: SimWorld): Promise<void> {
  const stored = await storedTokens(world);
  const missing = missingTokens(world);
  await assertLatestState(world, missing);
  const unread = unreadInvalidates(world);
  const allowed = new Set<string>();
  for (const target of [...sim.targets.whole, ...sim.everCollections(), ...sim.retired]) {
    const key = targetKey(target);
    const wanted = wantedTokens(world, sim, target);
    const [must, may] = [wanted.must, wanted.may].map((tokens) =>
      tokens.filter((token) => !unread.has(`${key} ${token}`))
    ) as [string[], string[]];
    for (const token of [...must, ...may]) allowed.add(`${key} ${token}`);
    for (const token of must) {
      const keys = stored.get(`${key} ${token}`) ?? [];
      // What was given up may arrive after all, when somebody's last words come late.
      const isRight = missing.has(token) ? keys.length <= 1 : keys.length === 1;
      if (isRight) continue;
      const said = missing.has(token) ? ", and a record says that it is missing" : "";
      assert.fail(
        `event ${token} of ${streamName(target)} is in ${keys.length} objects (${keys})${said}`,
      );
    }
  }
  for (const [token, [key, ...others]] of stored) {
    assert(allowed.has(token), `event ${token} is in ${key}, and nobody wants it`);
    assert.deepEqual(others, [], `event ${token} is in ${key}, too`);
  }
}

/** The keys of the objects in which each event of a target lies, `target token`; a rename is an event of two targets. */
async function storedTokens(world: SimWorld): Promise<Map<string, string[]>> {
  const { inspector } = world;
  const stored = new Map<string, string[]>();
  for await (const [key, bytes] of world.everStored()) {
    const named = key.startsWith("_tributary/") ? undefined : inspector.namedBy(key);
    if (named === undefined) continue;
    const journal = inspector.journals.get(named.stream);
    // Rows of snapshots are no events.
    if (journal === undefined) continue;
    const target = targetKey(journal.stream);
    for (const token of tokensInObject(bytes)) {
      const event = `${target} ${token}`;
      stored.set(event, [...stored.get(event) ?? [], key]);
    }
  }
  return stored;
}

const THE_END = positionAfterTime({ t: 0xffffffff, i: 0xffffffff });

/** The events of a target that must be there, and those that may be. */
interface Wanted {
  readonly must: readonly string[];
  readonly may: readonly string[];
}

/** The events of a target since its first start, whoever ran and in how many streams. */
function wantedTokens(
  { events, inspector }: SimWorld,
  { targets, features }: Simulation,
  target: Stream,
): Wanted {
  const key = targetKey(target);
  // Instances that want other events may follow each other: each record says what it is about.
  if (targets.selections !== undefined) {
    return { must: inspector.selectedEvents(key).map(({ data }) => data), may: [] };
  }
  const end = inspector.endOf(key);
  const between = (start: Position | undefined) =>
    events.ofStream(target).filter(({ time, data }) => {
      const place = { operationTime: time, data };
      return start !== undefined && comparePositions(place, start) > 0 &&
        (end === undefined || comparePositions(place, end) <= 0);
    }).map(({ data }) => data);
  const start = inspector.startOf(key);
  // What comes later than the first look at a list is wanted from its own beginning, also if nobody has seen it.
  if (targets.listing !== undefined) {
    // A person may have decided on the start of one of them before.
    return { must: between(features.verbs ? start : inspector.coverageStart), may: between(start) };
  }
  assert(start !== undefined, `${streamName(target)} was never begun`);
  return { must: between(start), may: [] };
}

/** The events of which a record says that they are not in the lake's tables. */
function missingTokens({ events, inspector }: SimWorld): Set<string> {
  const missing = new Set(inspector.givenUpEvents().map(({ data }) => data));
  for (const { stream, records } of inspector.journals.values()) {
    for (const record of records) {
      if (record.kind === "gap") {
        const skipped = events.between(stream, record.from, record.to);
        for (const { data } of skipped) missing.add(data);
      }
      if (record.kind !== "batch") continue;
      for (const letter of record.deadLetters) {
        for (const { data } of letter.events) missing.add(data);
      }
    }
  }
  return missing;
}

/**
 * The invalidates of what was read by namespace: there they are no events. A journal may end with the drop, and what it
 * would go on with begins behind that.
 */
function unreadInvalidates({ events, inspector }: SimWorld): Set<string> {
  const unread = new Set<string>();
  for (const journal of inspector.journals.values()) {
    for (const record of journal.records) {
      if (settingsOf(journal, record).reading !== "namespace") continue;
      const { stream, records } = journal;
      const isOpenEnd = record === records.at(-1) && record.kind !== "closed";
      const to = isOpenEnd ? THE_END : record.to;
      for (const { data, isInvalidate } of events.between(stream, record.from, to)) {
        if (isInvalidate) unread.add(`${targetKey(stream)} ${data}`);
      }
    }
  }
  return unread;
}
