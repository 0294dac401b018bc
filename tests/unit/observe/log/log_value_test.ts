import assert from "node:assert/strict";
import { logValue } from "../../../../src/observe/log/log_value.ts";

Deno.test("logValue gives what JSON can hold", () => {
  const value = {
    big: 12n,
    nan: NaN,
    bytes: new Uint8Array(3),
    map: new Map([["a", 1n]]),
    date: new Date(0),
    nothing: null,
    yes: true,
  };
  assert.deepEqual(logValue(value, []), {
    big: "12",
    nan: "NaN",
    bytes: "3 bytes",
    map: { a: "1" },
    date: "1970-01-01T00:00:00.000Z",
    nothing: null,
    yes: true,
  });
});

Deno.test("logValue ends at a depth, so that a circle is no danger", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  assert.match(JSON.stringify(logValue(circle, [])), /"\.\.\."/);
});

Deno.test("logValue shortens long texts, and leaves no half of a secret", () => {
  assert.equal(String(logValue("x".repeat(10_000), [])).length, 4003);
  const text = " ".repeat(3980) + "mongodb://ann:hunter22hunter22@h/";
  assert.doesNotMatch(String(logValue(text, [])), /hunter/);
});

Deno.test("logValue joins an error's message with those of its causes, each once", () => {
  const inner = new Error("connection refused");
  const same = new Error("connection refused", { cause: inner });
  assert.equal(
    logValue(new Error("Cannot put", { cause: same }), []),
    "Cannot put: connection refused",
  );
  assert.equal(logValue(new Error(""), []), "Error");
  const cause = new Error("Authentication failed.");
  const whole = new Error("Cannot list: refused (Authentication failed. [18])", { cause });
  assert.equal(logValue(whole, []), whole.message);
});

Deno.test("logValue shows where a fault of the program came from", () => {
  assert.match(
    String(logValue(new TypeError("x is undefined"), [])),
    /x is undefined\n.*log_value_test/s,
  );
});

Deno.test("logValue masks addresses and the given secrets", () => {
  assert.equal(logValue("redis://:a@h hunter22", ["hunter22"]), "redis://***@h ***");
});
