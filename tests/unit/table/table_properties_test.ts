import assert from "node:assert/strict";
import {
  holeProperties,
  holesOf,
  nameOfTable,
  nameProperties,
} from "../../../src/table/table_properties.ts";

Deno.test("a table says whose events it has, and somebody else's does not", () => {
  const name = { database: "shop", collection: "orders" };
  const properties = nameProperties(name);
  assert.deepEqual(properties, {
    "tributary.database": "shop",
    "tributary.collection": "orders",
  });
  assert.deepEqual(nameOfTable({ ...properties, other: "x" }), name);
  assert.equal(nameOfTable({ "tributary.database": "shop" }), undefined);
});

Deno.test("a table says which holes there are, and what is no number is none", () => {
  const holes = { gaps: 2, voidedObjects: 0, deadLetters: 4, objectsElsewhere: 0 };
  const properties = holeProperties(holes);
  assert.deepEqual(properties, { "tributary.gaps": "2", "tributary.deadLetters": "4" });
  assert.deepEqual(holesOf(properties), holes);
  assert.equal(holesOf({ "tributary.gaps": "many" }).gaps, 0);
  const redriven = { ...holes, redrivenLetters: 3 };
  assert.equal(holeProperties(redriven)["tributary.redrivenLetters"], "3");
  assert.deepEqual(holesOf(holeProperties(redriven)), redriven);
});
