import assert from "node:assert/strict";
import {
  AWAY_MS_MIN,
  DependencyLog,
  FLAP_MS_MAX,
  FLAPPING_MS,
  FLAPS_MIN,
  STAYED_MS,
} from "../../../../src/observe/log/dependency_log.ts";
import type { DependencyFacts } from "../../../../src/observe/status/dependency_watch.ts";
import { type Log, silentLog } from "../../../../src/support/log.ts";
import { formatSeconds } from "../../../../src/support/units.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

function newLog() {
  const lines: [string, string, unknown][] = [];
  const log: Log = {
    ...silentLog,
    info: (message, fields) => lines.push(["info", message, fields]),
    error: (message, fields) => lines.push(["error", message, fields]),
  };
  const clock = new VirtualClock();
  return { lines, clock, log: new DependencyLog(log, clock) };
}

function facts(state: DependencyFacts["state"], reason?: string, refuses = false) {
  return { state, sinceMs: 0, reason, refuses };
}

const UP = facts("healthy");
const DOWN = facts("unhealthy", "connection refused");

Deno.test("DependencyLog says that a service went away, and for how long, a line each", async () => {
  const { lines, clock, log } = newLog();
  log.take("mongodb", facts("unknown"));
  log.take("mongodb", UP);
  log.take("mongodb", DOWN);
  await clock.advance(AWAY_MS_MIN - 1);
  assert.deepEqual(lines, []);
  // Failures that go on do not put it off.
  log.take("mongodb", facts("unhealthy", "timed out"));
  await clock.advance(1);
  const away = ["error", "MongoDB does not answer", { reason: "timed out" }] as const;
  assert.deepEqual(lines, [away]);
  log.take("mongodb", DOWN);
  await clock.advance(63_000);
  log.take("mongodb", UP);
  assert.deepEqual(lines.slice(1), [["info", "MongoDB answers again", { away: "1m 04s" }]]);
});

Deno.test("DependencyLog says at once of one that was silent for long, and counts that time", async () => {
  const { lines, clock, log } = newLog();
  log.take("mongodb", { ...facts("unhealthy", "no answer within 3s"), silentMs: 3000 });
  assert.deepEqual(lines.map(([, message]) => message), ["MongoDB does not answer"]);
  await clock.advance(7000);
  log.take("mongodb", UP);
  assert.deepEqual(lines[1], ["info", "MongoDB answers again", { away: "10s" }]);
});

Deno.test("DependencyLog says at once that one is back after long, however often it was away", async () => {
  const { lines, clock, log } = newLog();
  for (let i = 0; i < 6; i++) {
    log.take("redis", DOWN);
    await clock.advance(FLAP_MS_MAX);
    log.take("redis", UP);
  }
  assert.equal(lines.length, 12);
});

Deno.test("DependencyLog keeps quiet about what went through the next time", async () => {
  const { lines, clock, log } = newLog();
  for (let i = 0; i < 50; i++) {
    log.take("destination", DOWN);
    await clock.advance(AWAY_MS_MIN - 1);
    log.take("destination", UP);
  }
  assert.deepEqual(lines, []);
});

Deno.test("DependencyLog says at once that a service refuses", async () => {
  const { lines, clock, log } = newLog();
  log.take("redis", facts("unhealthy", "WRONGPASS", true));
  assert.deepEqual(lines, [["error", "Redis refuses what it is asked for", {
    reason: "WRONGPASS",
  }]]);
  await clock.advance(AWAY_MS_MIN);
  log.take("redis", DOWN);
  assert.equal(lines[1]?.[1], "Redis does not answer");
  log.take("redis", UP);
  assert.equal(lines[2]?.[1], "Redis answers again");
});

Deno.test("DependencyLog says of one that flaps that it is back when it has stayed", async () => {
  const { lines, clock, log } = newLog();
  for (let i = 0; i < 100; i++) {
    log.take("destination", DOWN);
    await clock.advance(AWAY_MS_MIN);
    log.take("destination", UP);
    await clock.advance(1000);
  }
  const away = "Destination cannot be written";
  const back = "Destination can be written again";
  assert.deepEqual(lines.map(([, message]) => message), [away, back, away, back, away]);
  assert.equal(FLAPS_MIN, 3);
  // As long as it flapped, and not as long as it was waited for.
  const flappedMs = 97 * (AWAY_MS_MIN + 1000) + AWAY_MS_MIN;
  await clock.advance(STAYED_MS);
  assert.deepEqual(lines.at(-1), ["info", back, { away: formatSeconds(flappedMs) }]);
  await clock.advance(FLAPPING_MS);
  log.take("destination", DOWN);
  await clock.advance(AWAY_MS_MIN);
  log.take("destination", UP);
  assert.deepEqual(lines.slice(-2).map(([, message]) => message), [away, back]);
});

Deno.test("DependencyLog leaves no timer", () => {
  const { clock, log } = newLog();
  log.take("mongodb", DOWN);
  log[Symbol.dispose]();
  assert.equal(clock.timerCount, 0);
});
