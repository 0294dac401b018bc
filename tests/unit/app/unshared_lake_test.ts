import assert from "node:assert/strict";
import { unsharedLakeWarning } from "../../../src/app/unshared_lake.ts";
import { isoTime } from "../../../src/support/clock.ts";
import { silentLog } from "../../../src/support/log.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const WRITES = "Another instance writes the same lake, and the two share no leases";
const MAY_WRITE = "Another instance may still write the same lake: it has not said that it stopped";

function warning(lock: "memory" | "redis" | "destination" = "memory") {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const note = (message: string) => void lines.push(message);
  const warn = unsharedLakeWarning({ ...silentLog, info: note, warn: note }, lock, clock);
  const opened = (secondsAgo: number) => ({
    ...{
      type: "journal-opened",
      seq: 3,
      position: { operationTime: { t: 1, i: 1 }, data: "" },
    } as const,
    unfinished: { owner: "host-2-x", writtenAt: isoTime(clock.wallMs() - secondsAgo * 1000) },
  });
  return { warn, lines, opened };
}

const FENCED = { type: "fenced", reason: "Record 3 was written by another" } as const;

Deno.test("unsharedLakeWarning tells once of another writer, where leases are not shared", () => {
  const { warn, lines } = warning();
  warn("collection:shop.a", { type: "stream-stopped" });
  assert.deepEqual(lines, []);
  warn("collection:shop.a", FENCED);
  warn("collection:shop.b", FENCED);
  assert.deepEqual(lines, [WRITES]);
  for (const lock of ["redis", "destination"] as const) {
    const shared = warning(lock);
    for (const event of [shared.opened(1), FENCED]) shared.warn("s", event);
    assert.deepEqual(shared.lines, []);
  }
});

Deno.test("unsharedLakeWarning tells at the start, once, of a writer that has not said that it stopped", () => {
  const { warn, lines, opened } = warning();
  const { unfinished: _, ...finished } = opened(1);
  warn("collection:shop.a", finished);
  // It would have written since then.
  warn("collection:shop.b", opened(3600));
  assert.deepEqual(lines, []);
  for (const stream of ["collection:shop.c", "collection:shop.d"]) warn(stream, opened(300));
  warn("collection:shop.c", FENCED);
  assert.deepEqual(lines, [MAY_WRITE, WRITES]);
});
