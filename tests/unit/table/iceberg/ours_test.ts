import assert from "node:assert/strict";
import type { TableMetadata } from "../../../../src/table/iceberg/catalog.ts";
import { newMetadata } from "../../../../src/table/iceberg/metadata.ts";
import { assertOurs } from "../../../../src/table/iceberg/ours.ts";
import { newProperties, TABLE_SCHEMA } from "../../../../src/table/iceberg/properties.ts";

const NAME = { database: "shop", collection: "orders" };

Deno.test("a table that is not ours to write is refused with what to do", () => {
  const table = { location: "s3://l/t", schema: TABLE_SCHEMA, properties: newProperties(NAME) };
  const ours = newMetadata(table, "uuid", 0);
  const judge = (change: Partial<TableMetadata>, name = NAME) => () =>
    assertOurs("f", name, { ...ours, ...change });
  judge({})();
  assert.throws(judge({ properties: {} }), /"f\/": somebody else has made it; move its metadata/);
  assert.throws(
    judge({}, { ...NAME, collection: "carts" }),
    /it has the events of shop\.orders, and those of shop\.carts are to go there too/,
  );
  assert.throws(judge({ "format-version": 3 }), /it is of version 3 of the format/);
  assert.throws(judge({ schemas: [] }), /somebody has changed its columns/);
  assert.throws(judge({ "default-spec-id": 1 }), /somebody has changed its columns/);
  const parted = [{ "spec-id": 0, fields: [{}] }];
  assert.throws(judge({ "partition-specs": parted }), /somebody has changed its columns/);
});
