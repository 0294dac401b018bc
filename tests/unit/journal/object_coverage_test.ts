import assert from "node:assert/strict";
import { createObjectCoverage } from "../../../src/journal/object_coverage.ts";
import { type Coverage, selectionKey } from "../../../src/model/coverage.ts";
import { PermanentError } from "../../../src/model/errors.ts";
import { positionAt } from "../../../src/model/position.ts";
import { mapStore } from "../../contract/journal_map_store.ts";

const TIME = { t: 1_763_690_000, i: 7 };
const FIRST: Coverage = {
  seq: 0,
  filter: { include: ["shop.a*"], exclude: ["shop.ab"] },
  start: positionAt(TIME),
  through: TIME,
  before: [{ filter: { include: ["shop.*"], exclude: [] }, from: TIME }],
  open: [{ database: "shop", collection: "a/b", time: TIME }],
  gaps: [{ from: TIME, to: { t: TIME.t + 1, i: 1 }, reason: "the oplog was too short" }],
  writtenAt: "2026-11-20T17:00:00.000Z",
};
const KEY = selectionKey(FIRST.filter);

Deno.test("createObjectCoverage() reads the last entry back, and lets the first write count", async () => {
  const { store, files } = mapStore();
  const log = createObjectCoverage(store);
  assert.deepEqual(await log.selections(), []);
  assert.equal(await log.last(KEY), undefined);
  assert.equal(await log.append(KEY, FIRST), "appended");
  assert.equal(await log.append(KEY, { ...FIRST, open: [] }), "exists");
  assert.deepEqual(await log.last(KEY), FIRST);
  const second = { ...FIRST, seq: 1, before: [], gaps: [] };
  await log.append(KEY, second);
  assert.deepEqual(await log.last(KEY, 0), second);
  assert.deepEqual(await log.selections(), [KEY]);
  assert.ok(files.has(`_tributary/selections/${KEY}/0000000000000001.json`));
});

Deno.test("createObjectCoverage() leaves out what a later version adds, and refuses another format", async () => {
  const { store } = mapStore();
  const log = createObjectCoverage(store);
  const put = (seq: number, content: object) =>
    store.putIfAbsent(
      `_tributary/selections/${KEY}/${String(seq).padStart(16, "0")}.json`,
      new TextEncoder().encode(JSON.stringify(content)),
    );
  await put(0, { v: 1, ...FIRST, more: true });
  assert.deepEqual(await log.last(KEY), FIRST);
  await put(1, { v: 2, ...FIRST, seq: 1 });
  await assert.rejects(log.last(KEY), PermanentError);
});
