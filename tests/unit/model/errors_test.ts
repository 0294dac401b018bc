import assert from "node:assert/strict";
import * as errors from "../../../src/model/errors.ts";

Deno.test("each error says its name and keeps its cause", () => {
  const cause = new Error("below");
  const all = [
    new errors.TransientError("m", { cause }),
    new errors.PermanentError("m", { cause }),
    new errors.HistoryLostError("m", { cause }),
    new errors.UnreadableEventError("too-large", "m", { cause }),
    new errors.FencedError("m", { cause }),
    new errors.EncoderCrashError("m", { cause }),
  ];
  for (const error of all) {
    assert.equal(error.name, error.constructor.name);
    assert.equal(String(error), `${error.name}: m`);
    assert.equal(error.cause, cause);
  }
});

Deno.test("isRefused tells who answers and says no from who does not answer", () => {
  assert.ok(errors.isRefused(new errors.PermanentError("m")));
  assert.ok(errors.isRefused(new errors.TransientError("m", { refuses: true })));
  assert.ok(!errors.isRefused(new errors.TransientError("m")));
  assert.ok(!errors.isRefused(new Error("m")));
});

Deno.test("errorMessage gives the sentence of whatever was thrown", () => {
  assert.equal(errors.errorMessage(new errors.FencedError("a sentence")), "a sentence");
  assert.equal(errors.errorMessage("a text"), "a text");
  assert.equal(errors.errorMessage(undefined), "undefined");
});

Deno.test("a PermanentError is mended around the program, unless it says that the configuration must change", () => {
  assert.equal(new errors.PermanentError("m").mend, "surroundings");
  assert.equal(new errors.PermanentError("m", { mend: "configuration" }).mend, "configuration");
});
