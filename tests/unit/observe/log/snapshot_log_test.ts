import assert from "node:assert/strict";
import type { SnapshotPlan } from "../../../../src/model/snapshot.ts";
import { logSnapshotEvent } from "../../../../src/observe/log/snapshot_log.ts";
import { ORDERS, SETTINGS } from "../../../support/lake_world.ts";

Deno.test("logSnapshotEvent says what is read, and when it is there", () => {
  const lines: string[] = [];
  const line = (level: string) => (message: string, fields?: object) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const [debug, info, warn, error] = ["debug", "info", "warn", "error"].map(line) as [
    ReturnType<typeof line>,
    ReturnType<typeof line>,
    ReturnType<typeof line>,
    ReturnType<typeof line>,
  ];
  const plan: SnapshotPlan = {
    ...{ v: 1, id: "id", stream: ORDERS, floor: { t: 1, i: 1 }, settings: SETTINGS },
    ...{ ranges: [{ pieces: [] }], documents: 7, writtenAt: "" },
    leftOut: [],
  };
  logSnapshotEvent({ debug, info, warn, error }, { type: "planned", plan });
  logSnapshotEvent({ debug, info, warn, error }, { type: "complete", plan, documentsRead: 8 });
  const why = { reason: "it cannot be", change: "load them" };
  logSnapshotEvent({ debug, info, warn, error }, { type: "withheld", why });
  assert.equal(lines.length, 3);
  assert.match(
    lines[2]!,
    /^info Documents that were there .*"reason":"it cannot be","change":"load them"/,
  );
  assert.match(lines[0]!, /^info .*"collection:shop.orders","documents":7,"ranges":1/);
  assert.match(lines[1]!, /^info The snapshot is complete.*"documentsRead":8/);
});
