import assert from "node:assert/strict";
import { measureSnapshots } from "../../../../src/observe/metrics/snapshot_gauges.ts";
import type { KnownSnapshot } from "../../../../src/pipeline/snapshot/snapshot_catalog.ts";

const SNAPSHOT: KnownSnapshot = {
  ...{ id: "deployment.initial", stream: { level: "deployment" }, isFiltered: false },
  ...{ state: "running", isPaused: false, documentsRead: 5, bytesStored: 9 },
  ...{ documentsExpected: 7, ranges: { closed: 0, of: 1 } },
};

Deno.test("measureSnapshots() counts what is not at its end, by state", () => {
  const set = new Map<string, number>();
  const gauge = (name: string) => ({
    set: (labels: object | number, value?: number) => {
      set.set(`${name} ${Object.values(labels).join()}`.trim(), value ?? Number(labels));
    },
  });
  const gauges = {
    snapshots: gauge("snapshots"),
    snapshot_documents_read: gauge("read"),
    snapshot_documents_expected: gauge("expected"),
  };
  const { documentsExpected: _, ...due } = SNAPSHOT;
  measureSnapshots(gauges as never, [
    ...[SNAPSHOT, { ...SNAPSHOT, isPaused: true }, { ...due, state: "due", documentsRead: 0 }],
    ...[{ ...SNAPSHOT, state: "cancelling", isPaused: true }, { ...SNAPSHOT, state: "complete" }],
  ] as KnownSnapshot[]);
  assert.deepEqual(Object.fromEntries(set), {
    ...{ "snapshots due": 1, "snapshots running": 1, "snapshots paused": 1 },
    ...{ "snapshots cancelling": 1, "read": 15, "expected": 21 },
  });
});
