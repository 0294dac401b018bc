import assert from "node:assert/strict";
import type { KeptTable } from "../../../../src/table/follow/followed_tables.ts";
import { Refusals } from "../../../../src/table/follow/refusals.ts";
import { Retries } from "../../../../src/table/follow/retries.ts";
import { divideRounds, tablesInTheWay } from "../../../../src/table/follow/round_division.ts";
import type { StreamHoles } from "../../../../src/table/follow/stream_holes.ts";
import type { Round } from "../../../../src/table/follow/stream_follower.ts";
import { NO_HOLES, type TableName } from "../../../../src/table/table_log.ts";

const NAME = { database: "shop", collection: "a/b" };
const GAP = { ...NO_HOLES, gaps: 1 };

type Step = Round["steps"][number];

function record(seq: number, own: Partial<Step> = {}): Step {
  const none = { byFolder: new Map(), refusals: new Map(), holes: NO_HOLES };
  return { seq, recordId: `r${seq}`, ...none, ...own };
}

function withFile(seq: number, folder = "f"): Step {
  const step = { seq, recordId: `r${seq}`, files: [], gone: [], holes: NO_HOLES };
  return record(seq, { byFolder: new Map([[folder, { name: NAME, step }]]) });
}

function elsewhere(seq: number, objects: number, folder?: string): Step {
  const refusal = { why: "a %", objects, ...(folder === undefined ? {} : { folder }) };
  return record(seq, { refusals: new Map([["shop.a/b", refusal]]) });
}

function lake() {
  const tables = new Map<string, KeptTable>();
  const holes = new Map<string, StreamHoles>();
  const refusals = new Refusals();
  const tableOf = (folder: string, name: TableName) => {
    const rest = { streams: new Set<string>(), retries: new Retries(), unanswered: 0 };
    const table = tables.get(folder) ?? { folder, name, log: {} as never, ...rest };
    tables.set(folder, table);
    return table;
  };
  return { tables, holes, refusals, tableOf };
}

Deno.test("what a stream lost before it had something in a table is told with the first of that, and later as it comes", () => {
  const under = lake();
  const steps = [record(1, { holes: GAP }), elsewhere(2, 3), withFile(3), elsewhere(4, 2)];
  const { due } = divideRounds(under, [["s", { lake: "l", steps }]]);
  const [stream] = [...due.values()].flat();
  const counts = stream!.steps.map(({ seq, holes }) => [seq, holes.gaps, holes.objectsElsewhere]);
  assert.deepEqual(counts, [[3, 1, 3], [4, 0, 2]]);
  // A stream without anything in the table says nothing about it.
  const other = divideRounds(under, [["t", { lake: "l", steps: [elsewhere(1, 5)] }]]);
  assert.equal(other.due.size, 0);
});

Deno.test("what is undone comes again as it was", () => {
  const under = lake();
  const round = { lake: "l", steps: [elsewhere(1, 2), withFile(2)] };
  const first = divideRounds(under, [["s", round]]);
  first.undo.get("s")!();
  assert.equal(under.tables.get("f")!.streams.size, 0);
  const again = divideRounds(under, [["s", round]]);
  assert.deepEqual([...again.due.values()], [...first.due.values()]);
});

Deno.test("a table ends where its folder gets objects that cannot be in it, and has nothing of later", () => {
  const under = lake();
  const steps = [withFile(1), elsewhere(2, 1, "f"), record(3, { holes: GAP }), withFile(4)];
  const { due, ending } = divideRounds(under, [["s", { lake: "l", steps }]]);
  assert.deepEqual([...ending.values()], ['The table in "f/" ends: a %']);
  assert.deepEqual([...due.values()].flat().flatMap((each) => each.steps.map(({ seq }) => seq)), [
    1,
  ]);
});

Deno.test("a table is in the way of others of the same stream alone, and where more of that waits", () => {
  const under = lake();
  const rounds = [["s", ["f", "g"]], ["t", ["h"]]] as const;
  const { due } = divideRounds(
    under,
    rounds.map((
      [key, folders],
    ) => [key, { lake: "l", steps: folders.map((f, i) => withFile(i, f)) }]),
  );
  const [f, g, h] = [...due.keys()] as [KeptTable, KeptTable, KeptTable];
  const inTheWay = (full: string[], failed: KeptTable[]) =>
    tablesInTheWay(due, new Set(full), new Set(failed)).map(({ folder }) => folder);
  assert.deepEqual(inTheWay(["s", "t"], [f, h]), ["f"]);
  assert.deepEqual(inTheWay(["t"], [f, h]), []);
  assert.deepEqual(inTheWay(["s", "t"], [f, g, h]), []);
});
