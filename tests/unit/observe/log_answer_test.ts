import assert from "node:assert/strict";
import { logAnswer } from "../../../src/observe/log_answer.ts";
import { LogTail } from "../../../src/observe/log_tail.ts";

const tail = new LogTail();
tail.take({ time: "2026-11-20T17:00:00Z", level: "warn", message: "No", fields: {} });

Deno.test("logAnswer gives the log to this machine and to the token, and errors to all", () => {
  const asks = [
    ["127.0.0.1", "127.0.0.1", false, true],
    ["127.0.0.1", "localhost", false, true],
    ["::1", "[::1]", false, true],
    // A page of another site whose name leads here.
    ["127.0.0.1", "evil.example", false, false],
    ["127.0.0.1", "127.0.0.1.evil.example", false, false],
    ["", "localhost", false, false],
    ["10.0.0.5", "10.0.0.5", false, false],
    ["", "lake.internal", true, true],
  ] as const;
  for (const [listensOn, asked, hasToken, isShown] of asks) {
    const { lines, errors } = logAnswer(tail, { listensOn, asked, hasToken });
    assert.equal(lines !== null, isShown, `${listensOn} ${asked}`);
    assert.equal(errors.length, 1);
  }
});

Deno.test("logAnswer is empty where no log is kept", () => {
  const ask = { listensOn: "::1", asked: "[::1]", hasToken: false };
  assert.deepEqual(logAnswer(undefined, ask), { errors: [], lines: [] });
});
