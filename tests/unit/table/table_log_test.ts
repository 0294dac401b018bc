import assert from "node:assert/strict";
import { PermanentError } from "../../../src/model/errors.ts";
import {
  addHoles,
  hasHoles,
  isSameName,
  NO_HOLES,
  tableFault,
} from "../../../src/table/table_log.ts";

Deno.test("addHoles adds each kind, and hasHoles finds any", () => {
  const sum = addHoles({ gaps: 1, voidedObjects: 2, deadLetters: 3, objectsElsewhere: 0 }, {
    ...NO_HOLES,
    gaps: 4,
  });
  assert.deepEqual(sum, { gaps: 5, voidedObjects: 2, deadLetters: 3, objectsElsewhere: 0 });
  assert(hasHoles({ ...NO_HOLES, deadLetters: 1 }));
  assert(!hasHoles(NO_HOLES));
});

Deno.test("isSameName goes by the database and the collection", () => {
  const name = { database: "shop", collection: "orders" };
  assert(isSameName(name, { ...name }));
  assert(!isSameName(name, { ...name, database: "stock" }));
  assert(!isSameName(name, { ...name, collection: "order" }));
});

Deno.test("what is wrong with a table is said with its folder, and is not tried again", () => {
  const fault = tableFault("a", "it is not");
  assert(fault instanceof PermanentError);
  assert.equal(fault.message, 'Cannot write the table in "a/": it is not');
});
