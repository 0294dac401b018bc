import assert from "node:assert/strict";
import {
  type Images,
  newImages,
  stageProblems,
} from "../../../../src/config/transform/stage_rules.ts";

const LOOKED_UP = { fullDocument: false, fullDocumentBeforeChange: false };

/** All problems of stages one after the other. */
function problems(
  stages: readonly Record<string, unknown>[],
  images = newImages(LOOKED_UP),
): string[] {
  return stages.flatMap((stage) => {
    const [name, body] = Object.entries(stage)[0]!;
    return stageProblems(name, body, images);
  });
}

function assertPasses(...stages: Record<string, unknown>[]): void {
  assert.deepEqual(problems(stages), [], JSON.stringify(stages));
}

function assertRefuses(problem: RegExp, ...stages: Record<string, unknown>[]): void {
  const found = problems(stages);
  assert.equal(found.length, 1, Deno.inspect([stages, found]));
  assert.match(found[0]!, problem);
}

const KEPT = { operationType: 1, ns: true, clusterTime: 1, documentKey: { $numberInt: "1" } };

Deno.test("stageProblems lets filters on what the oplog says pass", () => {
  assertPasses(
    { $match: { operationType: { $in: ["insert"] }, "ns.coll": "a", "updateDescription.x": 1 } },
    { $match: { $expr: { $eq: ["$documentKey._id", 1] } } },
    { $match: { fullDocumentation: 1 } },
    { $redact: { $cond: [{ $eq: ["$operationType", "insert"] }, "$$KEEP", "$$PRUNE"] } },
  );
});

Deno.test("stageProblems refuses filters on images, however they are written", () => {
  const onImage = /filters on fullDocument, .*FULL_DOCUMENT=required/;
  for (
    const query of [
      { "fullDocument.a": 1 },
      { fullDocument: { $exists: true } },
      { $or: [{ x: 1 }, { $and: [{ "fullDocument.a": 1 }] }] },
      { $nor: [{ "fullDocument.a": 1 }] },
      { $expr: { $eq: ["$fullDocument.a", 1] } },
      { $expr: { $eq: ["$$ROOT.fullDocument.a", 1] } },
      { $expr: { $eq: [{ $getField: "fullDocument" }, 1] } },
      { $expr: { $let: { vars: { d: "$fullDocument" }, in: { $eq: ["$$d.a", 1] } } } },
      { $jsonSchema: { properties: { fullDocument: { required: ["a"] } } } },
    ]
  ) {
    assertRefuses(onImage, { $match: query });
  }
  assertRefuses(onImage, { $redact: { $cond: ["$fullDocument.a", "$$KEEP", "$$PRUNE"] } });
});

Deno.test("stageProblems names both images where the whole event is looked at", () => {
  const found = problems([{ $match: { $expr: { $gt: [{ $bsonSize: "$$ROOT" }, 100] } } }]);
  assert.deepEqual(found.map((problem) => /filters on (\w+)/.exec(problem)?.[1]), [
    "fullDocument",
    "fullDocumentBeforeChange",
  ]);
});

Deno.test("stageProblems follows images into the fields they are copied to", () => {
  const onImage = /filters on fullDocument,/;
  const filter = { $match: { x: 1 } };
  assertRefuses(onImage, { $set: { x: "$fullDocument.a" } }, filter);
  assertRefuses(onImage, { $addFields: { "x.y": { $add: ["$fullDocument.a", 1] } } }, filter);
  assertRefuses(onImage, { $set: { x: { y: "$fullDocument.a" } } }, filter);
  assertRefuses(onImage, { $set: { y: "$fullDocument.a" } }, { $set: { x: "$y" } }, filter);
  assertRefuses(onImage, { $project: { ...KEPT, x: "$fullDocument.a" } }, filter);
  const merged = { $mergeObjects: ["$fullDocument", "$$ROOT"] };
  assertRefuses(onImage, { $replaceWith: merged }, filter);
  const literal = { $mergeObjects: ["$$ROOT", { x: "$fullDocument.a" }] };
  assertRefuses(onImage, { $replaceRoot: { newRoot: literal } }, filter);
  assertPasses({ $replaceWith: merged }, { $match: { operationType: "insert" } });
  assertPasses({ $set: { x: "$fullDocument.a" } }, { $match: { y: 1 } });
});

Deno.test("stageProblems takes an image that is required as what the oplog says", () => {
  const images: Images = newImages({ fullDocument: true, fullDocumentBeforeChange: false });
  const stages = [{ $set: { x: "$fullDocument.a" } }, { $match: { x: 1, "fullDocument.b": 1 } }];
  assert.deepEqual(problems(stages, images), []);
});

Deno.test("stageProblems refuses writing what tells events apart", () => {
  for (
    const field of [
      "_id",
      "ns",
      "operationType",
      "clusterTime",
      "documentKey",
      "ns.coll",
      "documentKey._id",
    ]
  ) {
    const writes = /must not change/;
    assertRefuses(writes, { $set: { [field]: 1 } });
    assertRefuses(writes, { $addFields: { [field]: "$x" } });
    assertRefuses(writes, { $unset: field });
    assertRefuses(writes, { $unset: ["x", field] });
    assertRefuses(writes, { $project: { [field]: 0 } });
  }
  for (const field of ["wallTime", "splitEvent.of"]) {
    const stops = new RegExp(`must not change ${field}: .*the stream stops`);
    assertRefuses(stops, { $set: { [field]: "$fullDocument" } });
    assertRefuses(/nor splitEvent/, {
      $replaceWith: { $mergeObjects: ["$$ROOT", { [field.split(".")[0]!]: 1 }] },
    });
  }
  assertRefuses(/must not change/, { $set: { ns: { coll: "x" } } });
  assertRefuses(/must not change/, { $project: { ns: { coll: false } } });
  assertPasses({ $set: { nsx: 1, "fullDocument._id": 1, "x.ns": 1 } });
  assertPasses({ $unset: ["fullDocument._id", "wallTime"] }, {
    $project: { "fullDocument.ns": 0 },
  });
});

Deno.test("stageProblems wants a keeping $project to keep what tells events apart", () => {
  assertPasses({ $project: { ...KEPT, fullDocument: 1 } });
  assertPasses({ $project: { ...KEPT, _id: 1, "fullDocument.a": 1, x: { $literal: 0 } } });
  for (const field of Object.keys(KEPT)) {
    assertRefuses(new RegExp(`whole of ${field}`), { $project: { ...KEPT, [field]: "$x" } });
    const { [field as keyof typeof KEPT]: _, ...others } = KEPT;
    assertRefuses(new RegExp(`whole of ${field}`), { $project: others });
  }
  assertRefuses(/whole of _id/, { $project: { ...KEPT, _id: 0 } });
  assertRefuses(/whole of ns/, { $project: { ...KEPT, ns: { db: 1, coll: 1 } } });
  assert.equal(problems([{ $project: { _id: 1 } }]).length, 4);
  assert.equal(problems([{ $project: { x: "$y" } }]).length, 4);
});

Deno.test("stageProblems lets a new root pass only where it surely keeps the event", () => {
  const self = {
    _id: "$_id",
    ns: "$ns",
    operationType: "$operationType",
    clusterTime: "$clusterTime",
    documentKey: "$documentKey",
  };
  for (
    const root of [
      "$$ROOT",
      { $mergeObjects: ["$$ROOT", { a: 1 }] },
      { $mergeObjects: ["$fullDocument", "$$ROOT"] },
      { $mergeObjects: [{ a: 1 }, "$$CURRENT", { b: "$x", ns: "$ns" }] },
      { ...self, a: 1 },
    ]
  ) {
    assertPasses({ $replaceRoot: { newRoot: root } }, { $replaceWith: root });
  }
  for (
    const root of [
      "$fullDocument",
      { a: 1 },
      { ...self, ns: "$documentKey" },
      { $mergeObjects: ["$$ROOT", "$fullDocument"] },
      { $mergeObjects: ["$$ROOT", { a: 1, ns: 1 }] },
      { $mergeObjects: ["$$ROOT", { $literal: { ns: 1 } }] },
      { $mergeObjects: "$fullDocument" },
      { $cond: [true, "$$ROOT", "$fullDocument"] },
      undefined,
    ]
  ) {
    assertRefuses(/must keep _id, operationType/, { $replaceWith: root });
    assertRefuses(/must keep _id, operationType/, { $replaceRoot: { newRoot: root } });
  }
});

Deno.test("stageProblems refuses a $redact that goes into the parts of an event", () => {
  const level = { $cond: [{ $eq: ["$level", 5n] }, "$$PRUNE", "$$DESCEND"] };
  assertRefuses(/\$\$DESCEND/, { $redact: level });
});

Deno.test("stageProblems refuses bodies of the wrong shape", () => {
  assertRefuses(/map of fields/, { $set: "x" });
  assertRefuses(/map of fields/, { $project: [] });
  assertRefuses(/name of a field/, { $unset: { a: 1 } });
});
