import assert from "node:assert/strict";
import { writtenFields } from "../../../src/source/written_fields.ts";

const ALL = [
  ...["fullDocument", "fullDocumentBeforeChange", "updateDescription", "wallTime", "to", "nsType"],
  ...["collectionUUID", "lsid", "txnNumber", "splitEvent"],
];

Deno.test("writtenFields names the fields that stages put something of an event into", () => {
  const cases: [unknown, readonly string[]][] = [
    [{ $set: { "updateDescription.updatedFields.a": "$fullDocument" } }, ["updateDescription"]],
    [{ $addFields: { fullDocument: { copy: "$fullDocumentBeforeChange" } } }, ["fullDocument"]],
    [{ $set: { "to.x": { $getField: "fullDocument" }, y: "$ns" } }, ["to", "y"]],
    [{ $project: { _id: 1, "lsid.a": "$fullDocument", fullDocument: { a: 1 } } }, ["lsid"]],
    [
      { $replaceRoot: { newRoot: { $mergeObjects: ["$$ROOT", { wallTime: "$fullDocument" }] } } },
      ["wallTime"],
    ],
    [{ $replaceWith: { _id: "$_id", to: "$fullDocument" } }, ["to"]],
    [{ $replaceWith: { $mergeObjects: ["$$ROOT", "$fullDocument"] } }, ALL],
    [
      { $replaceWith: { $setField: { field: "to", input: "$$ROOT", value: "$fullDocument" } } },
      ALL,
    ],
    [{ $replaceRoot: "$fullDocument" }, ALL],
  ];
  for (const [stage, fields] of cases) {
    assert.deepEqual([...writtenFields([stage])], fields, JSON.stringify(stage));
  }
});

Deno.test("writtenFields names none where nothing is moved", () => {
  for (
    const stage of [
      { $match: { "fullDocument.a": { $numberInt: "1" } } },
      { $unset: "fullDocument.a" },
      { $redact: { $cond: ["$ns", "$$KEEP", "$$PRUNE"] } },
      { $set: { "fullDocument.a": { $numberInt: "1" }, "fullDocument.b": "text" } },
      { $project: { fullDocument: { a: { $numberInt: "1" } }, ns: { $numberInt: "1" } } },
      { $replaceWith: "$$ROOT" },
      { $replaceWith: { _id: "$_id", fullDocument: "$fullDocument" } },
    ]
  ) assert.deepEqual([...writtenFields([stage])], [], JSON.stringify(stage));
});
