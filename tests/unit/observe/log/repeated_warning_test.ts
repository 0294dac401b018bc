import assert from "node:assert/strict";
import { RepeatedWarning } from "../../../../src/observe/log/repeated_warning.ts";
import { PermanentError, TransientError } from "../../../../src/model/errors.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("RepeatedWarning warns once of one fault, however often it is tried, and of another kind at once", async () => {
  const clock = new VirtualClock();
  const levels: string[] = [];
  const note = (level: string) => () => void levels.push(level);
  const log = { ...silentLog, debug: note("debug"), warn: note("warn") };
  const warning = new RepeatedWarning(log, clock, "It could not be read");
  for (let i = 0; i < 20; i++) {
    warning.warn(new TransientError(`away ${i}`));
    await clock.advance(60_000);
  }
  assert.deepEqual(levels.splice(0), ["warn", ...Array.from({ length: 19 }, () => "debug")]);
  warning.warn(new PermanentError("no rights"));
  assert.deepEqual(levels.splice(0), ["warn"]);
  await clock.advance(600_000);
  warning.warn(new PermanentError("no rights"));
  assert.deepEqual(levels, ["warn"]);
});
