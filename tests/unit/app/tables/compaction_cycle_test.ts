import assert from "node:assert/strict";
import { CompactionCycle } from "../../../../src/app/tables/compaction_cycle.ts";
import { type LogFields, silentLog } from "../../../../src/support/log.ts";
import type { Compactor } from "../../../../src/table/compaction/compactor.ts";
import type { FollowedTable } from "../../../../src/table/follow/lake_follower.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const HOUR_MS = 3_600_000;
const always = () => true;

function tableOf(collection: string, version = 1): FollowedTable {
  return {
    folder: collection,
    name: { database: "shop", collection },
    id: "x",
    version,
    isBehind: false,
  };
}

function cycleOf(outcome: (folder: string) => object = () => ({})) {
  const compacted: string[] = [];
  const said: string[] = [];
  const clock = new VirtualClock();
  const open = ({ folder }: { readonly folder: string }) => ({
    async compact() {
      compacted.push(folder);
      const none = { outputs: 1, inputs: 5, bytes: 9, faults: [], isAll: true };
      return await Promise.resolve({ ...none, ...outcome(folder) });
    },
  });
  const warn = (_: string, fields?: LogFields) =>
    void said.push(String(fields?.["reason"] ?? fields?.["error"]));
  const cycle = new CompactionCycle({
    ...{ clock, log: { ...silentLog, warn } },
    open: open as unknown as (table: Pick<FollowedTable, "folder">) => Compactor,
  });
  return { cycle, clock, compacted, said };
}

Deno.test("each table has its turn once an hour, but for those with faults", async () => {
  const { cycle, clock, compacted } = cycleOf();
  const tables = [tableOf("a"), { ...tableOf("b"), fault: "it is somebody else's" }, tableOf("c")];
  await cycle.go(tables, always);
  await clock.advance(HOUR_MS - 1);
  await cycle.go(tables, always);
  assert.deepEqual(compacted, ["a", "c"]);
  await clock.advance(1);
  await cycle.go(tables, always);
  assert.deepEqual(compacted, ["a", "c", "a", "c"]);
  assert.deepEqual([cycle.outputs, cycle.inputs], [4, 20]);
});

Deno.test("a cycle that is interrupted goes on where it was", async () => {
  let isAll = false;
  const { cycle, compacted } = cycleOf((folder) => ({ isAll: folder !== "b" || isAll }));
  const tables = ["a", "b", "c"].map((name) => tableOf(name));
  await cycle.go(tables, always);
  assert.deepEqual(compacted, ["a", "b"]);
  await cycle.go(tables, () => false);
  isAll = true;
  await cycle.go([], always);
  assert.deepEqual(compacted, ["a", "b", "b", "c"]);
});

Deno.test("a table that had no commit for a day and two hours is left alone until it has one", async () => {
  const { cycle, clock, compacted } = cycleOf();
  const run = async (hours: number, table = tableOf("a")) => {
    for (let i = 0; i < hours; i++) {
      await cycle.go([table], always);
      await clock.advance(HOUR_MS);
    }
    return compacted.splice(0).length;
  };
  assert.equal(await run(40), 27);
  assert.equal(await run(1, tableOf("a", 2)), 1);
});

Deno.test("what goes wrong with one table is said, once where it stays, and the others go on", async () => {
  const { cycle, clock, compacted, said } = cycleOf((folder) => {
    if (folder === "a") throw new Error("The store is away");
    return { faults: ["They have other columns"] };
  });
  for (let i = 0; i < 2; i++) {
    await cycle.go([tableOf("a"), tableOf("b")], always);
    await clock.advance(HOUR_MS);
  }
  assert.deepEqual(compacted, ["a", "b", "a", "b"]);
  const away = "Error: The store is away";
  assert.deepEqual(said, [away, "They have other columns", away]);
});
