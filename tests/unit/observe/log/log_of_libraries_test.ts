import assert from "node:assert/strict";
import process from "node:process";
import { captureLibraryOutput } from "../../../../src/observe/log/log_of_libraries.ts";
import { nextTurn } from "../../../../src/support/flow/next_turn.ts";
import type { Log } from "../../../../src/support/log.ts";

Deno.test("captureLibraryOutput gives the log what libraries print, until it is disposed of", async () => {
  const lines: unknown[] = [];
  const say = (level: string) => (message: string, fields?: object) =>
    void lines.push([level, message, fields]);
  const log: Log = {
    debug: say("debug"),
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
  };
  const { warn } = console;
  const listeners = process.listeners("warning");
  {
    using _ = captureLibraryOutput(log);
    console.warn("Skipping the ready check: %s", "NOPERM");
    console.error("[ioredis] Unhandled error event:", "gone\nand more");
    console.log({ a: 1 });
    process.emitWarning("timeoutMS is experimental", { code: "MONGODB" });
    await nextTurn();
  }
  const said = (level: string, text: string) => [level, "A library says", { text }];
  assert.deepEqual(lines, [
    said("warn", "Skipping the ready check: NOPERM"),
    said("warn", "[ioredis] Unhandled error event: gone\nand more"),
    said("info", "{ a: 1 }"),
    said("warn", "Warning: timeoutMS is experimental"),
  ]);
  assert.equal(console.warn, warn);
  assert.deepEqual(process.listeners("warning"), listeners);
});
