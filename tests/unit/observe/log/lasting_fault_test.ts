import assert from "node:assert/strict";
import { LastingFault } from "../../../../src/observe/log/lasting_fault.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("LastingFault says when it begins and when it is over, and nothing of streams that ended", () => {
  const said: string[] = [];
  const note = (message: string) => void said.push(message);
  const log = { ...silentLog, info: note, warn: note };
  const fault = new LastingFault(log, new VirtualClock(), { fails: "fails", works: "works" });
  fault.worked("a");
  fault.failed("a", {});
  fault.failed("b", {});
  fault.worked("a");
  fault.forget("b");
  assert.deepEqual(said, ["fails"]);
  fault.failed("a", {});
  fault.worked("a");
  assert.deepEqual(said, ["fails", "fails", "works"]);
});
