import assert from "node:assert/strict";
import { silentLog } from "../../../src/support/log.ts";

Deno.test("silentLog says nothing about anything", () => {
  assert.equal(silentLog.debug("a"), undefined);
  assert.equal(silentLog.info("a", { b: 1 }), undefined);
  assert.equal(silentLog.warn("a"), undefined);
  assert.equal(silentLog.error("a"), undefined);
});
