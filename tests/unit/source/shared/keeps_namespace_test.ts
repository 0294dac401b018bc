import assert from "node:assert/strict";
import { keepsNamespace } from "../../../../src/source/shared/keeps_namespace.ts";

Deno.test("keepsNamespace: events can be told apart behind stages that leave their names alone", () => {
  const stages = [
    { $match: { "ns.coll": "orders" } },
    { $set: { "fullDocument.a": 1 } },
    { $addFields: { note: "$ns.coll" } },
    { $unset: "fullDocument.secret" },
    { $unset: ["fullDocument.secret", "updateDescription"] },
    { $project: { "fullDocument.secret": 0 } },
    { $project: { fullDocument: { $numberInt: "0" } } },
    { $project: { ns: 1, to: true, operationType: { $numberInt: "1" }, fullDocument: 1 } },
  ];
  for (const stage of stages) assert.ok(keepsNamespace([stage]), JSON.stringify(stage));
  assert.ok(keepsNamespace(stages));
  assert.ok(keepsNamespace([]));
});

Deno.test("keepsNamespace: whatever may touch the names, or is not known, does not", () => {
  const stages = [
    { $set: { "ns.coll": "x" } },
    { $addFields: { to: "x" } },
    { $unset: "ns" },
    { $unset: ["fullDocument", "operationType"] },
    { $unset: { $literal: "ns" } },
    { $project: { ns: 0 } },
    { $project: { fullDocument: 1 } },
    { $project: { ns: 1, fullDocument: 1 } },
    { $project: { ns: "$to", to: 1, operationType: 1 } },
    { $replaceRoot: { newRoot: "$fullDocument" } },
    { $redact: "$$KEEP" },
    "$match",
  ];
  for (const stage of stages) {
    assert.ok(!keepsNamespace([{ $match: {} }, stage]), JSON.stringify(stage));
  }
});
