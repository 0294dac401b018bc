import assert from "node:assert/strict";
import {
  ERRORS_MAX,
  LINES_CHARS_MAX,
  LINES_MAX,
  LogTail,
  STREAMS_NAMED_MAX,
  type TailError,
} from "../../../src/observe/log_tail.ts";
import type { LogFields, LogLevel } from "../../../src/support/log.ts";

function say(tail: LogTail, level: LogLevel, message: string, fields: LogFields = {}, second = 0) {
  tail.take({ time: `2026-11-20T17:00:${`${second}`.padStart(2, "0")}Z`, level, message, fields });
}

Deno.test("LogTail remembers the last lines, with their fields", () => {
  const tail = new LogTail();
  for (let i = 0; i < LINES_MAX + 3; i++) say(tail, "info", "Stored", { i, name: "a b" });
  assert.equal(tail.lines.length, LINES_MAX);
  assert.equal(tail.lines[0]!.text, 'Stored i=3 name="a b"');
  assert.deepEqual(tail.errors, []);
});

Deno.test("LogTail is bounded in characters too, and cuts a line that is too long", () => {
  const tail = new LogTail();
  for (let i = 0; i < LINES_MAX; i++) say(tail, "info", "Said", { text: "x".repeat(5000) });
  const chars = tail.lines.reduce((sum, { text }) => sum + text.length, 0);
  assert.ok(chars <= LINES_CHARS_MAX && chars > LINES_CHARS_MAX / 2, `${chars}`);
  assert.match(tail.lines[0]!.text, /x\.\.\.$/);
});

Deno.test("LogTail keeps warnings and errors with stream and reason, the last first", () => {
  const tail = new LogTail();
  say(tail, "error", "Stream failed", { stream: "a", error: "disk full", retryMs: 500 }, 1);
  say(tail, "warn", "Settings changed", { from: 1, to: 2 }, 2);
  assert.deepEqual(
    tail.errors.map(({ level, streams, text }) => [level, streams, text]),
    [["warn", [], "Settings changed from=1 to=2"], ["error", ["a"], "Stream failed: disk full"]],
  );
});

Deno.test("LogTail counts what is said again, and says when it was first", () => {
  const tail = new LogTail();
  say(tail, "error", "Stream failed", { stream: "a", error: "disk full", retryMs: 500 }, 1);
  say(tail, "error", "Stream failed", { stream: "b", error: "disk full" }, 2);
  say(tail, "error", "Stream failed", { stream: "a", error: "disk full", retryMs: 900 }, 3);
  assert.deepEqual(tail.errors.map(({ streams, times }) => [streams, times]), [[["a", "b"], 3]]);
  assert.match(tail.errors[0]!.since, /:01Z$/);
  assert.match(tail.errors[0]!.at, /:03Z$/);
  assert.equal(tail.errorCount, 3);
});

Deno.test("LogTail forgets the error that was said longest ago", () => {
  const tail = new LogTail();
  for (let i = 0; i <= ERRORS_MAX; i++) say(tail, "warn", "No", { error: `${i}` });
  assert.equal(tail.errors.length, ERRORS_MAX);
  assert.deepEqual([tail.errors[0]!.text, tail.errors.at(-1)!.text], [
    `No: ${ERRORS_MAX}`,
    "No: 1",
  ]);
});

Deno.test("LogTail names some of the streams that one error was said of", () => {
  const tail = new LogTail();
  for (let i = 0; i < 2 * STREAMS_NAMED_MAX; i++) {
    say(tail, "warn", "No", { stream: `${i}`, error: "x" });
  }
  const [{ streams, times }] = tail.errors as [TailError];
  assert.deepEqual([streams.length, streams[0], times], [
    STREAMS_NAMED_MAX,
    "0",
    2 * STREAMS_NAMED_MAX,
  ]);
});
