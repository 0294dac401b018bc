import assert from "node:assert/strict";
import { readAction } from "../../../../src/table/delta/read_action.ts";

const META = { id: "a", schemaString: "{}" };

Deno.test("an action is what others write as well: without nulls, and with numbers of 64 bits", () => {
  const add = { path: "a%2520b", size: 3n, stats: null, tags: null, partitionValues: { a: null } };
  assert.deepEqual(readAction({ add, txn: null, cdc: { path: 1 } }), {
    add: { path: "a%2520b", size: 3, partitionValues: {} },
    cdc: { path: 1 },
  });
  assert.deepEqual(readAction({ protocol: { minReaderVersion: 1, minWriterVersion: 2, x: [] } }), {
    protocol: { minReaderVersion: 1, minWriterVersion: 2, x: [] },
  });
});

Deno.test("a table of others may say nothing of itself", () => {
  assert.deepEqual(readAction({ metaData: { ...META, configuration: null } }), {
    metaData: { partitionColumns: [], configuration: {}, ...META },
  });
});

Deno.test("JSON that is no action, or one that cannot be, is refused with the field", () => {
  const texts: [unknown, RegExp][] = [
    [null, /^RangeError: null is no action/],
    [[], /\[\] is no action/],
    [{ txn: 7 }, /field "txn" is 7 instead of an object/],
    [{ txn: { appId: "a", version: "1" } }, /field "txn.version"/],
    [{ add: { size: 1 } }, /field "add.path" is missing/],
    [{ add: { path: "%E0%A4%A", size: 1 } }, /URI malformed/],
    [{ remove: { path: "a", deletionTimestamp: "x" } }, /field "remove.deletionTimestamp"/],
    [{ protocol: {} }, /field "protocol.minReaderVersion" is missing/],
    [{ metaData: { ...META, configuration: { a: 1 } } }, /field "metaData.configuration.a" is 1/],
    [{ metaData: { id: "a" } }, /field "metaData.schemaString" is missing/],
  ];
  for (const [value, reason] of texts) assert.throws(() => readAction(value), reason);
});
