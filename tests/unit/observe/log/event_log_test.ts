import assert from "node:assert/strict";
import { EventLog } from "../../../../src/observe/log/event_log.ts";
import type { PipelineEvent } from "../../../../src/pipeline/events.ts";
import type { LogFields } from "../../../../src/support/log.ts";
import { CARTS, ORDERS, readingEvents } from "../../../support/monitor.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

function newLog() {
  const clock = new VirtualClock();
  const lines: [string, string, LogFields | undefined][] = [];
  const sayAs = (level: string) => (message: string, fields?: LogFields) =>
    void lines.push([level, message, fields]);
  const log = {
    ...{ debug: sayAs("debug"), info: sayAs("info") },
    ...{ warn: sayAs("warn"), error: sayAs("error") },
  };
  const events = new EventLog(log, clock, "app-1");
  /** What was said since, but for what is only said on demand. */
  const said = () => lines.splice(0).filter(([level]) => level !== "debug");
  return { clock, events, said };
}

const FAILED: PipelineEvent = {
  ...{ type: "stream-failed", error: "not authorized", permanent: true, retryMs: 0 },
};

Deno.test("EventLog says once that states cannot be saved, and once that they are again", async () => {
  const { clock, events, said } = newLog();
  using _ = events;
  const failed = { type: "state-save-failed", reason: "no connection" } as const;
  for (const stream of [ORDERS, CARTS, ORDERS]) events.pipeline(stream, failed);
  assert.deepEqual(said(), [[
    "warn",
    "State could not be saved",
    { stream: ORDERS.name, reason: "no connection" },
  ]]);
  await clock.advance(65_000);
  events.pipeline(ORDERS, { type: "state-saved" });
  assert.deepEqual(said(), []);
  events.pipeline(CARTS, { type: "state-saved" });
  assert.deepEqual(said(), [["info", "State is saved again", { away: "1m 05s", times: 3 }]]);
  events.pipeline(CARTS, { type: "state-saved" });
  assert.deepEqual(said(), []);
  events.pipeline(CARTS, failed);
  assert.equal(said().length, 1);
  // Of a stream that has ended nobody waits for more.
  events.pipeline(CARTS, { type: "stream-stopped" });
  said();
  events.pipeline(ORDERS, failed);
  assert.equal(said().length, 1);
});

Deno.test("EventLog says no later of a stream that it fails than that it runs again", async () => {
  const { clock, events, said } = newLog();
  using _ = events;
  events.pipeline(ORDERS, FAILED);
  events.pipeline(ORDERS, FAILED);
  for (const event of readingEvents(clock)) events.pipeline(ORDERS, event);
  const messages = said().map(([, message]) => message);
  const failed = "Stream needs a person; it is tried again";
  assert.equal(messages.filter((message) => message === failed).length, 2);
  assert.equal(messages.at(-1), "Change stream opened");
  await clock.advance(60_000);
  assert.deepEqual(said(), []);
});

Deno.test("EventLog says once that locks cannot be refreshed, and once that they are again", () => {
  const { events, said } = newLog();
  using _ = events;
  const lease = (stream: string) => ({ stream, generation: 3 });
  const failed = (stream: string) =>
    ({ type: "lock-refresh-failed", ...lease(stream), reason: "no connection" }) as const;
  for (const { key } of [ORDERS, CARTS, ORDERS]) events.coordinate(failed(key));
  assert.deepEqual(said(), [[
    "warn",
    "Lock could not be refreshed",
    { stream: ORDERS.name, generation: 3, reason: "no connection", instance: "app-1" },
  ]]);
  for (const { key } of [ORDERS, CARTS]) {
    events.coordinate({ type: "locks-refreshed", streams: [key] });
  }
  assert.deepEqual(said(), [["info", "Locks are refreshed again", {
    ...{ away: "0s", times: 3, instance: "app-1" },
  }]]);
  events.coordinate(failed(ORDERS.key));
  assert.equal(said().length, 1);
  const heldMs = 5;
  events.coordinate({ type: "lock-lost", ...lease(ORDERS.key), reason: "gone", heldMs });
  assert.deepEqual(said().map(([, message]) => message), ["Lock lost"]);
});

Deno.test("EventLog has one line for a stream that needs a person, and few for many", () => {
  const { events, said } = newLog();
  using _ = events;
  const setAside = (stream: string) =>
    events.coordinate({ type: "stream-set-aside", stream, retryMs: 5000 });
  events.pipeline(ORDERS, FAILED);
  setAside(ORDERS.key);
  events.pipeline(CARTS, FAILED);
  setAside(CARTS.key);
  assert.deepEqual(said(), [[
    "error",
    "Stream needs a person; it is tried again",
    { stream: ORDERS.name, error: "not authorized", permanent: true },
  ]]);
});

Deno.test("EventLog is quiet about the tries of a stream that fails, until it has read, or stored where that failed", () => {
  const { clock, events, said } = newLog();
  using _ = events;
  const lease = { stream: ORDERS.key, generation: 3 };
  const oneTry = () => {
    events.coordinate({ type: "lock-acquired", ...lease });
    events.pipeline(ORDERS, { type: "stream-started", generation: 3 });
  };
  oneTry();
  events.pipeline(ORDERS, FAILED);
  assert.equal(said().length, 3);
  const times = { heldMs: 5, drainMs: 5 };
  events.coordinate({ type: "lock-released", ...lease, reason: "failed", ...times });
  oneTry();
  assert.deepEqual(said(), []);
  events.coordinate({ type: "lock-acquired", stream: CARTS.key, generation: 1 });
  assert.equal(said().length, 1);
  for (const event of readingEvents(clock).slice(2)) events.pipeline(ORDERS, event);
  assert.deepEqual(said().map(([, message]) => message), ["Change stream opened"]);
  const away = { ...FAILED, error: "the store is away", permanent: false } as const;
  const readAndFail = () => {
    oneTry();
    for (const event of readingEvents(clock).slice(2)) events.pipeline(ORDERS, event);
    events.pipeline(ORDERS, away);
    events.pipeline(ORDERS, { type: "stream-stopped" });
  };
  for (let i = 0; i < 3; i++) readAndFail();
  assert.deepEqual(said().map(([, message]) => message), [
    "Change stream opened",
    "Stream failed; it will be tried again",
  ]);
  const to = { operationTime: { t: 1, i: 1 }, data: "" };
  events.pipeline(ORDERS, { type: "record-appended", kind: "batch", seq: 1, to, appendMs: 1 });
  oneTry();
  assert.deepEqual(said().map(([, message]) => message), [
    "Stream failed; it will be tried again",
    "Lock acquired",
    "Stream started",
  ]);
});

Deno.test("EventLog says what failed before it says that it is over", () => {
  const { events, said } = newLog();
  using _ = events;
  const lost = ({ key }: typeof ORDERS) =>
    events.coordinate({
      ...{ type: "lock-lost", stream: key, generation: 3, reason: "expired", heldMs: 5 },
    });
  const messages = () => said().map(([, message]) => message);
  for (const stream of [ORDERS, CARTS]) lost(stream);
  events.coordinate({ type: "store-back", awayMs: 5 });
  assert.deepEqual(messages(), ["Lock lost", "Lock lost", "Leases can be reached again"]);
  for (const stream of [ORDERS, CARTS]) lost(stream);
  events.inOrder.info("Redis answers again");
  assert.deepEqual(messages(), ["Lock lost", "Redis answers again"]);
  lost(CARTS);
  events.coordinate({ type: "lock-acquired", stream: CARTS.key, generation: 4 });
  assert.deepEqual(messages(), ["Lock lost", "Lock acquired"]);
});

Deno.test("EventLog says once what each try of a stream finds anew, until it is another finding", () => {
  const { events, said } = newLog();
  using _ = events;
  const at = (t: number) => ({ position: { operationTime: { t, i: 1 }, data: "" } });
  const ignored = (t: number) =>
    ({ type: "start-ignored", startFrom: "earliest", ...at(t) }) as const;
  for (const t of [1, 2, 3]) events.pipeline(ORDERS, ignored(t));
  events.pipeline(CARTS, ignored(1));
  assert.deepEqual(said().map(([, , fields]) => fields?.stream), [ORDERS.name, CARTS.name]);
  // Nothing is ignored where the journal was begun with it.
  const begun = { key: "k", name: "begun" };
  events.pipeline(begun, { type: "genesis-written", ...at(1) });
  events.pipeline(begun, ignored(2));
  assert.deepEqual(said().map(([, message]) => message), ["Journal begun"]);
  for (const seq of [5, 5, 6]) events.pipeline(ORDERS, { type: "records-missing", seq, known: 9 });
  for (const reason of ["no JSON", "no JSON"]) {
    events.pipeline(ORDERS, { type: "state-unreadable", reason });
  }
  assert.deepEqual(said().map(([level, , fields]) => [level, fields?.seq ?? fields?.reason]), [
    ["warn", 5],
    ["warn", 6],
    ["warn", "no JSON"],
  ]);
});
