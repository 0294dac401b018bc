import assert from "node:assert/strict";
import type { Stream } from "../../../../src/model/stream.ts";
import { judgeReaders } from "../../../../src/source/mongo/judge_readers.ts";
import type { PlannedReader } from "../../../../src/source/mongo/planned_readers.ts";

function collections(count: number, ...databases: string[]): Stream[] {
  return databases.flatMap((database) =>
    Array.from(
      { length: count },
      (_, i) => ({ level: "collection", database, collection: `c${i}` }) as const,
    )
  );
}

function said(readers: readonly PlannedReader[], partitions = 1): string[] {
  return judgeReaders({ readers, partitions }).map(({ state, text }) => `${state}: ${text}`);
}

Deno.test("judgeReaders counts change streams, and says why each stream has one of its own", () => {
  const streams = collections(200, "shop");
  assert.deepEqual(said([]), []);
  assert.deepEqual(said([{ form: "database", streams }]), [
    "ok: 200 collections of shop: 1 change stream",
  ]);
  assert.deepEqual(said([{ form: "deployment", streams: collections(2, "a", "b", "c", "d") }]), [
    "ok: 8 collections of 4 databases: 1 change stream of the deployment",
  ]);
  const both = ["a", "b"].map((each) => ({
    form: "database" as const,
    streams: collections(3, each),
  }));
  assert.match(said(both)[0]!, /^ok: 6 collections of a, b: 2 change streams, one for each data/);
  const why = (alone: NonNullable<PlannedReader["alone"]>, partitions = 1) =>
    said([{ form: "collection", streams, alone }], partitions)[0]!;
  assert.match(
    why("rights"),
    /^warning: .*: 200 change streams, one for each, .*grant the role read on shop$/,
  );
  assert.match(why("own"), /^ok: .*200 change streams, one for each, because of READING=own$/);
  assert.match(why("stages"), /^ok: .*because stages may change ns/);
  assert.match(why("failed"), /^warning: /);
  assert.match(why("partition", 4), /: 800 change streams, 4 for each; partitions/);
  const whole: Stream[] = [{ level: "database", database: "shop" }];
  assert.deepEqual(said([{ form: "database", streams: whole, alone: "level" }]), [
    "ok: database shop: 1 change stream",
  ]);
});
