import assert from "node:assert/strict";
import { unsharedLakeWarning } from "../../../src/app/unshared_lake.ts";
import { silentLog } from "../../../src/support/log.ts";

Deno.test("unsharedLakeWarning tells once of another writer, where leases are not shared", () => {
  const lines: unknown[] = [];
  const log = { ...silentLog, warn: (message: string) => void lines.push(message) };
  const fenced = { type: "fenced", reason: "Record 3 was written by another" } as const;
  const warn = unsharedLakeWarning(log, "memory");
  warn("collection:shop.a", { type: "stream-stopped" });
  assert.deepEqual(lines, []);
  warn("collection:shop.a", fenced);
  warn("collection:shop.b", fenced);
  assert.deepEqual(lines, ["Another instance writes the same lake, and the two share no leases"]);
  for (const lock of ["redis", "destination"] as const) unsharedLakeWarning(log, lock)("s", fenced);
  assert.equal(lines.length, 1);
});
