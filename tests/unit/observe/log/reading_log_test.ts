import assert from "node:assert/strict";
import { logReadingEvent } from "../../../../src/observe/log/reading_log.ts";
import type { LogFields } from "../../../../src/support/log.ts";

Deno.test("logReadingEvent says why a stream reads alone, and what to do where rights are missing", () => {
  const lines: [string, string, LogFields | undefined][] = [];
  const line = (level: string) => (message: string, fields?: LogFields) =>
    void lines.push([level, message, fields]);
  const log = {
    debug: line("debug"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
  };
  logReadingEvent(log, { type: "group-lost", members: 7, reason: "away" });
  logReadingEvent(log, { type: "reads-alone", stream: "collection:a.b", why: "slow" });
  logReadingEvent(log, { type: "not-shared", form: "database a" });
  assert.deepEqual(lines.map(([level]) => level), ["info", "info", "warn"]);
  assert.deepEqual(lines[0]![2], { streams: 7, reason: "away" });
  assert.match(String(lines[1]![2]!["reason"]), /slower than the others/);
  assert.equal(lines[2]![2]!["watched"], "database a");
  assert.match(String(lines[2]![2]!["change"]), /grant the MongoDB user the role read/);
});
