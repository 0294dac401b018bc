import assert from "node:assert/strict";
import {
  CLUSTER_TIME_ID,
  isOurSchema,
  markOf,
  newProperties,
  propertiesAfter,
  TABLE_SCHEMA,
} from "../../../../src/table/iceberg/properties.ts";
import { holesOf, nameOfTable } from "../../../../src/table/table_properties.ts";
import { recordMark } from "../../../../src/table/stream_marks.ts";

const NAME = { database: "shop", collection: "orders" };

Deno.test("a new table is ours, names its columns and lets nobody delete objects", () => {
  const properties = newProperties(NAME);
  assert.deepEqual(nameOfTable(properties), NAME);
  assert.equal(nameOfTable({}), undefined);
  assert.equal(properties["gc.enabled"], "false");
  const mapping = JSON.parse(properties["schema.name-mapping.default"]!);
  assert.deepEqual(mapping[3], { "field-id": CLUSTER_TIME_ID, names: ["cluster_time"] });
});

Deno.test("a place is a property of the table, and holes add up", () => {
  const holes = { gaps: 1, voidedObjects: 0, deadLetters: 2, objectsElsewhere: 0 };
  const step = { seq: 7, recordId: "0a1b2c3d-4e5f-6", files: [], gone: [], holes };
  const streams = [{ streamKey: "s", lake: "l", steps: [{ ...step, seq: 6 }, step] }];
  const news = propertiesAfter({ "tributary.gaps": "3" }, streams);
  assert.deepEqual(markOf(news, "s@l"), { seq: 7, record: recordMark("0a1b2c3d-4e5f-6") });
  assert.equal(markOf(news, "other@l"), undefined);
  assert.deepEqual(holesOf(news), {
    gaps: 5,
    voidedObjects: 0,
    deadLetters: 4,
    objectsElsewhere: 0,
  });
});

Deno.test("a schema with other columns, or the same with other ids, is not ours", () => {
  assert(isOurSchema(TABLE_SCHEMA));
  const [first, ...rest] = TABLE_SCHEMA.fields;
  assert(!isOurSchema({ ...TABLE_SCHEMA, fields: rest }));
  assert(!isOurSchema({ ...TABLE_SCHEMA, fields: [{ ...first!, id: 99 }, ...rest] }));
  assert(!isOurSchema(undefined));
});
