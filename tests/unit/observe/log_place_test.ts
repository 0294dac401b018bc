import assert from "node:assert/strict";
import { logPlace } from "../../../src/observe/log_place.ts";

Deno.test("logPlace has both forms of a cluster time", () => {
  const { exact, time } = logPlace({ t: 1_795_194_000, i: 12 });
  assert.deepEqual([exact, time], ["1795194000.12", "2026-11-20T17:00:00Z"]);
});
