import assert from "node:assert/strict";
import { logCoverageEvent } from "../../../../src/observe/log/coverage_log.ts";
import { type LogFields, LogPlace } from "../../../../src/support/log.ts";

Deno.test("logCoverageEvent says what is missed, since when, and what to do", () => {
  const lines: [string, string, LogFields | undefined][] = [];
  const line = (level: string) => (message: string, fields?: LogFields) =>
    void lines.push([level, message, fields]);
  const log = {
    debug: line("debug"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
  };
  const from = { t: 7, i: 1 };
  logCoverageEvent(log, { type: "unseen" });
  logCoverageEvent(log, { type: "lost", from, reason: "too short" });
  logCoverageEvent(log, { type: "lost", from, to: { t: 9, i: 2 }, reason: "too short" });
  assert.deepEqual(lines.map(([level]) => level), ["warn", "error", "error"]);
  assert.match(String(lines[0]![2]!["change"]), /grant the MongoDB user the role read/);
  const start = new LogPlace("7.1", "1970-01-01T00:00:07Z");
  assert.deepEqual(lines[1]![2]!["from"], start);
  assert.match(String(lines[1]![2]!["change"]), /ON_HISTORY_LOST=restart/);
  assert.deepEqual(lines[2]![2], {
    from: start,
    to: new LogPlace("9.2", "1970-01-01T00:00:09Z"),
    reason: "too short",
  });
});
