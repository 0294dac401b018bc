import assert from "node:assert/strict";
import { createLog, type LogEntry, type LogOptions } from "../../../../src/observe/log/log.ts";
import { type Log, type LogLevel, LogPlace } from "../../../../src/support/log.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const clock = new VirtualClock({ wallMs: Date.UTC(2026, 10, 20, 17, 0, 0, 123) });

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

const PLACE = new LogPlace("1795194000.1", "2026-11-20T17:00:00Z");

Deno.test("createLog gives programs both forms of a place in history, and people its time", () => {
  const lines: string[] = [];
  logTo(lines).info("Journal opened", { position: PLACE, seq: 3 });
  for (const format of ["text", "terminal"] as const) {
    logTo(lines, { format }).info("Journal opened", { position: PLACE, seq: 3 });
  }
  const { position, positionTime } = JSON.parse(lines[0]!);
  assert.deepEqual([position, positionTime], [PLACE.exact, PLACE.time]);
  assert.deepEqual(lines.slice(1), [
    "2026-11-20T17:00:00.123Z info  Journal opened position=2026-11-20T17:00:00Z seq=3\n",
    "17:00:00Z info  Journal opened position=2026-11-20T17:00:00Z seq=3\n",
  ]);
});

Deno.test("createLog says of which instance and pipeline a line is, but to who watches that one", () => {
  const common = { instance: "app-1", pipeline: "lake/shop" };
  const lines: string[] = [];
  for (const format of ["json", "text", "terminal"] as const) {
    const log = logTo(lines, { format, common });
    log.info("Batch stored", { stream: "database:shop" });
    log.info("Lock lost", { instance: "app-2" });
    log.info("Lock acquired", { instance: "app-1" });
  }
  const [stored, lost] = lines.slice(0, 2).map((line) => JSON.parse(line));
  assert.deepEqual([stored.instance, stored.pipeline], ["app-1", "lake/shop"]);
  assert.deepEqual([lost.instance, lost.pipeline], ["app-2", "lake/shop"]);
  assert.match(
    lines[3]!,
    / Batch stored stream=database:shop instance=app-1 pipeline=lake\/shop\n$/,
  );
  assert.deepEqual(lines.slice(6), [
    "17:00:00Z info  Batch stored stream=database:shop\n",
    "17:00:00Z info  Lock lost instance=app-2\n",
    "17:00:00Z info  Lock acquired\n",
  ]);
});

Deno.test("createLog colours levels where it shall, and never JSON", () => {
  const lines: string[] = [];
  logTo(lines, { colours: true }).error("Failed");
  const log = logTo(lines, { format: "terminal", colours: true });
  log.warn("Waits", { n: 1 });
  log.info("Reads");
  logTo(lines, { format: "text", colours: true }).error("Failed");
  const ESC = "\x1b[";
  assert.equal(JSON.parse(lines[0]!).level, "error");
  assert.equal(
    lines[1],
    `${ESC}2m17:00:00Z${ESC}0m ${ESC}33mwarn ${ESC}0m Waits${ESC}2m n=1${ESC}0m\n`,
  );
  assert(lines[2]!.includes(`${ESC}32minfo `));
  assert(lines[3]!.includes(`2026-11-20T17:00:00.123Z${ESC}0m ${ESC}1;31merror`));
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
