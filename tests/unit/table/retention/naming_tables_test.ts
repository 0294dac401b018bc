import assert from "node:assert/strict";
import {
  areSame,
  isNamedByAll,
  namingFault,
  type NamingTable,
} from "../../../../src/table/retention/naming_tables.ts";

const OUTPUT = { path: "o", bytes: 5, rows: 3, writtenAtMs: 1 };
const RECORD = { v: 1, inputs: [{ path: "a", bytes: 2, rows: 3 }], output: OUTPUT } as const;

function tableOf(id: string, files: readonly object[], earlier: readonly string[] = []) {
  const named = files.map((file) => ({ bytes: 5, rows: 3, ...file } as typeof OUTPUT));
  return {
    id,
    files: new Map(named.map((file) => [file.path, file])),
    earlier: new Set(earlier),
  } as NamingTable;
}

Deno.test("namingFault says which table needs what was joined, and why", () => {
  const well = tableOf("d", [{ path: "o" }, { path: "b" }], ["b"]);
  const cases: [NamingTable[], RegExp | undefined][] = [
    [[], /there is no table/],
    [[well], undefined],
    [[well, tableOf("i", [{ path: "b" }])], /the table i does not name "o"/],
    [[well, tableOf("i", [{ path: "o", bytes: 4 }])], /says of "o" 4 bytes and 3 rows/],
    [[well, tableOf("i", [{ path: "o", rows: 4 }])], /says of "o" 5 bytes and 4 rows/],
    [[tableOf("i", [{ path: "o" }, { path: "a" }]), well], /the table i names "a" as well/],
    [[tableOf("i", [{ path: "o" }], ["a"]), well], /a state of before of the table i names "a"/],
  ];
  for (const [tables, why] of cases) {
    const fault = namingFault(tables, RECORD);
    if (why === undefined) assert.equal(fault, undefined);
    else assert.match(fault!, why);
    assert.equal(
      isNamedByAll(tables, "o"),
      fault === undefined || !/there is|not name/.test(fault),
    );
  }
});

Deno.test("areSame compares tables by their ids, in any order", () => {
  const tables = ["b", "a"].map((id) => tableOf(id, []));
  assert.equal(areSame(tables, ["a", "b"]), true);
  assert.equal(areSame(tables, ["a"]), false);
  assert.equal(areSame(tables, ["a", "c"]), false);
  assert.equal(areSame([], []), true);
});
