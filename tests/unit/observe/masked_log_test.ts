import assert from "node:assert/strict";
import { maskedLog } from "../../../src/observe/masked_log.ts";

Deno.test("maskedLog gives its fields on without secrets, and errors as their messages", () => {
  const lines: unknown[] = [];
  const note = (...all: unknown[]) => void lines.push(all);
  const log = maskedLog({ debug: note, info: note, warn: note, error: note }, ["s3cret"]);
  log.warn("Failed", { error: new Error("no s3cret here", { cause: new Error("why") }), n: 1 });
  log.info("Plain");
  assert.deepEqual(lines, [
    ["Failed", { error: "no *** here: why", n: 1 }],
    ["Plain", undefined],
  ]);
});
