import assert from "node:assert/strict";
import {
  addOf,
  decodePath,
  encodePath,
  isOurSchema,
  newMetaData,
  newProtocol,
  protocolFault,
  removeOf,
  SCHEMA_STRING,
  withHoles,
} from "../../../../src/table/delta/actions.ts";
import { holesOf, nameOfTable } from "../../../../src/table/table_properties.ts";

const FILE = { path: "hour=1/a%2E b#?.parquet", bytes: 7, rows: 3, writtenAtMs: 5 };

Deno.test("addOf escapes what a key has escaped, and has the rows and the bounds of its times", () => {
  const bounds = { fromMs: 0, toMs: 3_599_999 };
  const add = addOf({ ...FILE, bounds });
  assert.equal(add.path, "hour=1/a%252E%20b%23%3F.parquet");
  assert.equal(decodePath(add.path), FILE.path);
  assert.deepEqual(JSON.parse(add.stats!), {
    numRecords: 3,
    minValues: { cluster_time: "1970-01-01T00:00:00.000Z" },
    maxValues: { cluster_time: "1970-01-01T00:59:59.999Z" },
    nullCount: { cluster_time: 0 },
  });
  assert.deepEqual(JSON.parse(addOf(FILE).stats!), { numRecords: 3 });
  assert.equal(removeOf(FILE.path, 9).path, encodePath(FILE.path));
});

Deno.test("newProtocol lets everybody read, and others write where they may", () => {
  assert.deepEqual(newProtocol("ours"), {
    ...{ minReaderVersion: 1, minWriterVersion: 7 },
    writerFeatures: ["appendOnly", "invariants", "tributary"],
  });
  assert.deepEqual(newProtocol("any"), { minReaderVersion: 1, minWriterVersion: 2 });
});

Deno.test("protocolFault finds what we do not know", () => {
  const fault = (minReaderVersion: number, minWriterVersion: number, ...writerFeatures: string[]) =>
    protocolFault({ minReaderVersion, minWriterVersion, writerFeatures });
  assert.equal(fault(1, 7, "appendOnly", "invariants", "tributary"), undefined);
  assert.equal(fault(1, 2), undefined);
  assert.match(fault(2, 5)!, /version 2 of the protocol for readers/);
  assert.match(fault(1, 4)!, /version 4 of the protocol for writers/);
  assert.match(fault(1, 8)!, /version 8 of the protocol for writers/);
  assert.match(fault(1, 7, "rowTracking")!, /features rowTracking/);
});

Deno.test("isOurSchema takes our columns with any remarks, and no others", () => {
  const schema = JSON.parse(SCHEMA_STRING);
  schema.fields[0].metadata = { comment: "x" };
  assert(isOurSchema(JSON.stringify(schema)));
  schema.fields[3].type = "date";
  assert(!isOurSchema(JSON.stringify(schema)));
  assert(!isOurSchema("{"));
  assert(!isOurSchema(JSON.stringify({ type: "struct", fields: schema.fields.slice(1) })));
});

Deno.test("a table's properties say whose it is and what it lacks, and the lacks add up", () => {
  const name = { database: "shop", collection: "orders" };
  const made = newMetaData("id", name, 1);
  assert.deepEqual(nameOfTable(made.configuration), name);
  const holes = { gaps: 1, voidedObjects: 0, deadLetters: 2, objectsElsewhere: 0 };
  const twice = withHoles(withHoles(made, holes), holes);
  assert.deepEqual(holesOf(twice.configuration), {
    gaps: 2,
    voidedObjects: 0,
    deadLetters: 4,
    objectsElsewhere: 0,
  });
  assert.equal("tributary.voidedObjects" in twice.configuration, false);
});
