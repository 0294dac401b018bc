import assert from "node:assert/strict";
import { createLog, type LogEntry, type LogOptions } from "../../../src/observe/log.ts";
import type { Clock } from "../../../src/support/clock.ts";
import type { Log, LogLevel } from "../../../src/support/log.ts";

/** 2026-11-20T17:00:00.123Z, for ever. */
const clock: Clock = {
  monotonicMs: () => 0,
  wallMs: () => 1_795_194_000_123,
  after: () => ({ cancel() {} }),
};

function logTo(lines: string[], options: Partial<LogOptions> = {}): Log {
  const write = (line: string) => void lines.push(line);
  return createLog({ level: "info", format: "json", clock, write, secrets: [], ...options });
}

Deno.test("createLog writes JSON with time, level and message before the fields", () => {
  const lines: string[] = [];
  logTo(lines).info("Batch written", { stream: "database:shop", rows: 3, took: undefined });
  assert.deepEqual(lines, [
    '{"time":"2026-11-20T17:00:00.123Z","level":"info","message":"Batch written",' +
    '"stream":"database:shop","rows":3}\n',
  ]);
});

Deno.test("createLog writes text with fields that stay on the line", () => {
  const lines: string[] = [];
  const log = logTo(lines, { format: "text" });
  log.warn("Stream waits", {
    name: "orders",
    stream: "a b",
    note: "two\nlines",
    n: 1,
    o: { p: [true] },
  });
  assert.deepEqual(lines, [
    '2026-11-20T17:00:00.123Z warn  Stream waits name=orders stream="a b" note="two\\nlines" n=1 o={"p":[true]}\n',
  ]);
});

Deno.test("createLog writes what is as important as the level or more", () => {
  const levels: LogLevel[] = ["debug", "info", "warn", "error"];
  for (const [index, level] of levels.entries()) {
    const lines: string[] = [];
    const log = logTo(lines, { level });
    for (const each of levels) log[each]("Said");
    assert.deepEqual(lines.map((line) => JSON.parse(line).level), levels.slice(index));
  }
});

Deno.test("setLevel makes a log more or less talkative while it is in use", () => {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log = createLog({ level: "warn", format: "json", clock, write, secrets: [] });
  const { info } = log;
  info("Not said");
  log.setLevel("info");
  info("Said");
  log.setLevel("error");
  info("Not said");
  assert.deepEqual(lines.map((line) => JSON.parse(line).message), ["Said"]);
});

Deno.test("createLog takes braces in a message for what they are", () => {
  const lines: string[] = [];
  logTo(lines).info("A {rows} sentence", { rows: 1 });
  assert.equal(JSON.parse(lines[0]!).message, "A {rows} sentence");
});

Deno.test("createLog never lets a field hide the time, the level or the message", () => {
  const lines: string[] = [];
  logTo(lines).info("Said", { message: "other", level: 9, time: 0 });
  assert.deepEqual(JSON.parse(lines[0]!), {
    time: "2026-11-20T17:00:00.123Z",
    level: "info",
    message: "Said",
    message_: "other",
    level_: 9,
    time_: 0,
  });
});

Deno.test("createLog shows no secret in a field or an error", () => {
  for (const format of ["json", "text"] as const) {
    const lines: string[] = [];
    const log = logTo(lines, { format, secrets: ["hunter22"] });
    const cause = new Error("no way to redis://:s3cret99@cache");
    log.error("Cannot connect", {
      uri: "mongodb://ann:p@ss/w0rd@h1,h2/?authSource=admin",
      deep: { list: ["the password is hunter22"] },
      error: new Error("Cannot authenticate with hunter22", { cause }),
    });
    assert.doesNotMatch(lines[0]!, /hunter22|s3cret99|w0rd|p@ss/);
    assert.match(lines[0]!, /mongodb:\/\/\*\*\*@h1,h2\/\?authSource=admin/);
  }
});

Deno.test("createLog gives what it writes to who keeps it, without secrets", () => {
  const kept: LogEntry[] = [];
  const log = logTo([], { secrets: ["hunter22"], keep: (entry) => void kept.push(entry) });
  log.warn("Said", { text: "it is hunter22" });
  log.debug("Not said");
  const time = "2026-11-20T17:00:00.123Z";
  assert.deepEqual(kept, [
    { time, level: "warn", message: "Said", fields: { text: "it is ***" } },
  ]);
});
