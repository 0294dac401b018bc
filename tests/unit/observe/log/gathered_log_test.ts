import assert from "node:assert/strict";
import { FIRST_MS, GatheredLog, LATER_MS } from "../../../../src/observe/log/gathered_log.ts";
import type { LogFields } from "../../../../src/support/log.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

function newLog() {
  const clock = new VirtualClock();
  const lines: [string, string, LogFields | undefined][] = [];
  const sayAs = (level: string) => (message: string, fields?: LogFields) =>
    void lines.push([level, message, fields]);
  const log = new GatheredLog({
    ...{ debug: sayAs("debug"), info: sayAs("info") },
    ...{ warn: sayAs("warn"), error: sayAs("error") },
  }, clock);
  const fail = (stream: string, error = "no right") =>
    log.error("Stream failed", { stream, error });
  const said = () => lines.splice(0).map(([, , fields]) => fields);
  return { clock, log, fail, said, lines };
}

Deno.test("GatheredLog says the first line at once, and the same of other streams in one", async () => {
  const { clock, log, fail, said } = newLog();
  using _ = log;
  fail("collection:s.a", "no right on s.a");
  assert.deepEqual(said(), [{ stream: "collection:s.a", error: "no right on s.a" }]);
  for (const name of ["b", "c", "d", "e", "f", "g", "h"]) {
    fail(`collection:s.${name}`, `no right on s.${name}`);
  }
  assert.deepEqual(said(), []);
  await clock.advance(FIRST_MS);
  assert.deepEqual(said(), [{
    streams: ["b", "c", "d", "e", "f"].map((name) => `collection:s.${name}`),
    ...{ more: 2, times: 7, error: "no right on s.h" },
  }]);
});

Deno.test("GatheredLog says what goes on seldom, and what began anew at once", async () => {
  const { clock, log, fail, said } = newLog();
  using _ = log;
  fail("a");
  await clock.advance(FIRST_MS);
  said();
  fail("a");
  fail("a");
  await clock.advance(LATER_MS);
  assert.deepEqual(said(), [{ stream: "a", times: 2, ago: "20s", error: "no right" }]);
  fail("b");
  await clock.advance(LATER_MS);
  assert.deepEqual(said(), [{ stream: "b", ago: "20s", error: "no right" }]);
  await clock.advance(LATER_MS);
  fail("a");
  assert.deepEqual(said(), [{ stream: "a", error: "no right" }]);
});

Deno.test("GatheredLog says what was gathered of a stream before that would not be true any more", async () => {
  const { clock, log, fail, said } = newLog();
  using _ = log;
  for (const stream of ["a", "b", "c"]) fail(stream);
  said();
  log.sayOf("a");
  assert.deepEqual(said(), []);
  log.sayOf("b");
  assert.deepEqual(said(), [{ streams: ["b", "c"], times: 2, error: "no right" }]);
  log.sayOf("c");
  await clock.advance(FIRST_MS);
  assert.deepEqual(said(), []);
});

Deno.test("GatheredLog holds nothing back of another fault, and nothing at the end", () => {
  const { log, fail, said } = newLog();
  fail("a");
  fail("a", "no room");
  fail("a", "no room");
  log.warn("Without a stream", { reason: "x" });
  log.warn("Without a stream", { reason: "x" });
  assert.equal(said().length, 4);
  log[Symbol.dispose]();
  assert.deepEqual(said(), [{ stream: "a", error: "no room" }]);
});

Deno.test("GatheredLog says what was gathered before a line that ends it", async () => {
  const { clock, log, fail, lines } = newLog();
  using _ = log;
  for (const stream of ["a", "b", "c"]) fail(stream);
  log.inOrder.info("It answers again");
  assert.deepEqual(
    lines.splice(0).map(([, message, fields]) => [message, fields?.stream ?? fields?.streams]),
    [["Stream failed", "a"], ["Stream failed", ["b", "c"]], ["It answers again", undefined]],
  );
  await clock.advance(FIRST_MS);
  assert.deepEqual(lines, []);
});

Deno.test("GatheredLog says how long ago it was what it says late", async () => {
  const { clock, log, fail, said } = newLog();
  using _ = log;
  fail("a");
  await clock.advance(FIRST_MS);
  fail("b");
  await clock.advance(LATER_MS);
  assert.deepEqual(said().at(-1), { stream: "b", ago: "20s", error: "no right" });
});
