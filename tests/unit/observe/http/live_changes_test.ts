import assert from "node:assert/strict";
import { LiveChanges } from "../../../../src/observe/http/live_changes.ts";
import { CONNECT_SCRIPT } from "../../../../src/observe/page/page_connect.ts";
import { type LiveStatus, liveStatus } from "../../../../src/observe/status/live_status.ts";
import { MADE_UP_AT, madeUpStatus, madeUpStream } from "../../../support/made_up_status.ts";
import { pageFunctions } from "../../../support/page_functions.ts";

/** Made of the script alone: the rest of it wants a page. */
const SCRIPT = /^function changed[^]*?^}/m.exec(CONNECT_SCRIPT)![0];
const { changed } = pageFunctions(["changed"], SCRIPT);

const SECONDS = 2;

/** A fleet of so many streams, and the same a while later: all are older, and those named are others. */
function states(count: number, others: Readonly<Record<number, object>> = {}) {
  const streams = Array.from({ length: count }, (_, n) => madeUpStream(n));
  const more = { canControl: false, stages: [], errorCount: 0 };
  const first = liveStatus({ ...madeUpStatus({ streams }), ...more });
  const older = (age: number | null) => age === null ? null : Math.round((age + SECONDS) * 10) / 10;
  const later: LiveStatus = {
    ...first,
    at: new Date(Date.parse(MADE_UP_AT) + SECONDS * 1000).toISOString(),
    streams: first.streams.map((stream, n) => ({
      ...stream,
      lagSeconds: older(stream.lagSeconds),
      lakeLagSeconds: older(stream.lakeLagSeconds),
      positionAgeSeconds: older(stream.positionAgeSeconds),
      ...others[n],
    })),
  };
  return { first, later };
}

Deno.test("LiveChanges tell the fields and streams that are others, and of ages those that did not just grow", () => {
  const { first, later } = states(8, { 1: { events: 7 }, 3: { lakeLagSeconds: 1 } });
  const changes = new LiveChanges();
  assert.deepEqual(changes.next(first).streams, first.streams);
  const memory = { ...later.memory, bufferedEvents: 9 };
  const change = changes.next({ ...later, memory });
  assert.deepEqual(change, {
    ...{ at: later.at, memory, gone: [] },
    streams: [later.streams[1], later.streams[3]],
  });
  const [gone, ...rest] = later.streams;
  assert.deepEqual(changes.next({ ...later, memory, streams: rest }), {
    ...{ at: later.at, streams: [], gone: [gone!.key] },
  });
});

Deno.test("a page makes the state of now of the one before and the changes", () => {
  const added = madeUpStream(11);
  const { first, later } = states(9, { 1: { events: 7 }, 3: { lakeLagSeconds: null } });
  const changes = new LiveChanges();
  changes.next(first);
  const streams = [...later.streams.slice(1), { ...added, rate: 1 }];
  const now = { ...later, streams, errorCount: 3 };
  const made: LiveStatus = changed!(
    first,
    JSON.parse(JSON.stringify(changes.next(now as LiveStatus))),
  );
  const rounded = (status: LiveStatus) =>
    JSON.stringify(
      { ...status, streams: [...status.streams].sort((a, b) => a.name < b.name ? -1 : 1) },
      (_, value) => typeof value === "number" ? Math.round(value * 10) / 10 : value,
    );
  assert.equal(rounded(made), rounded(now as LiveStatus));
});

Deno.test("LiveChanges of a thousand idle streams are a small part of all there is to tell", () => {
  const busy = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [n * 7, { events: n }]));
  const { first, later } = states(1000, busy);
  const changes = new LiveChanges();
  const whole = JSON.stringify(changes.next(first)).length;
  const part = JSON.stringify(changes.next(later)).length;
  assert(part * 20 < whole, `${part} of ${whole}`);
});
