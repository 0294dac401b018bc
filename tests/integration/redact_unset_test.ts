/** What REDACT takes out of a document is what MongoDB's own `$unset` takes out of it. */
import assert from "node:assert/strict";
import { BSON, MongoClient } from "mongodb";
import fc from "fast-check";
import { mongodbUri, uniqueName } from "../support/services.ts";
import { withoutFields } from "../../src/bson/redact/redact_event.ts";

const NAMES = ["a", "b", "c"];

const VALUES = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(1, "text", null, true),
    tie("document"),
    fc.array(tie("value"), { maxLength: 3 }),
  ),
  document: fc.dictionary(fc.constantFrom(...NAMES), tie("value"), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
}));

const PATH = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 });

Deno.test("random documents lose what the server's $unset removes, also out of arrays", async () => {
  const client = new MongoClient(mongodbUri());
  const collection = client.db(uniqueName("unset")).collection<{ _id: number; x: unknown }>("a");
  try {
    const documents = fc.sample(VALUES["document"]!, { numRuns: 300 });
    await collection.insertMany(documents.map((x, _id) => ({ _id, x })));
    for (const names of fc.sample(PATH, { numRuns: 25 })) {
      const path = names.join(".");
      const found = await collection.aggregate([{ $sort: { _id: 1 } }, { $unset: `x.${path}` }])
        .toArray();
      const left = documents.map((fullDocument) => {
        const event = BSON.serialize({ _id: { _data: "82" }, fullDocument });
        return BSON.deserialize(withoutFields(event, [path]))["fullDocument"];
      });
      assert.deepEqual(left, found.map((each) => each["x"]), path);
    }
  } finally {
    await client.db(collection.dbName).dropDatabase();
    await client.close();
  }
});
