import assert from "node:assert/strict";
import { createInstruments } from "../../../../src/observe/metrics/instruments.ts";
import { measureTables, type TableFacts } from "../../../../src/observe/metrics/table_gauges.ts";
import { systemClock } from "../../../../src/support/clock.ts";

Deno.test("measureTables shows the lag of each table, the worst where a label is shared, and what was done", async () => {
  const everywhere = { instance_id: "a", instance_name: "a", pipeline: "p" };
  const instruments = createInstruments({ prefix: "t", everywhere, clock: systemClock });
  const tables = [
    { name: "shop.orders", url: "u", version: 1, upToDateMs: 4000 },
    { name: "shop.orders", format: "iceberg", url: "u", upToDateMs: 2000 },
    { name: "shop.x1", url: "u", upToDateMs: 1000 },
    { name: "shop.x2", url: "u", upToDateMs: 3000, fault: "it is somebody else's" },
    { name: "shop.new", url: "u" },
  ].map((table) => ({ format: "delta", ...table }) as TableFacts);
  const labelOf = (name: string) => name.startsWith("shop.x") ? "other" : name;
  for (const commits of [2, 5]) {
    const joined = { inputs: 30, outputs: 2 };
    const kept = { tables, commits, conflicts: 1, joined, deleted: { objects: 20, bytes: 400 } };
    measureTables(instruments, kept, 5000, labelOf);
  }
  const { text } = await instruments.render();
  const value = (name: string) => new RegExp(`^t_${name}[^\\n]* (\\S+)$`, "m").exec(text)?.[1];
  assert.match(text, /t_table_lag_seconds\{table="shop\.orders",format="delta"[^\n]* 1$/m);
  assert.match(text, /t_table_lag_seconds\{table="shop\.orders",format="iceberg"[^\n]* 3$/m);
  assert.match(text, /t_table_lag_seconds\{table="other"[^\n]* 4$/m);
  assert.doesNotMatch(text, /shop\.new/);
  assert.deepEqual([value("table_commits_total"), value("table_conflicts_total")], ["5", "1"]);
  assert.equal(value("table_compactions_total"), "2");
  assert.equal(value("table_compacted_objects_total"), "30");
  assert.equal(value("table_deleted_objects_total"), "20");
  assert.equal(value("table_deleted_bytes_total"), "400");
  assert.equal(value("tables_failing"), "1");
});
