import assert from "node:assert/strict";
import { assertFault, configOf, faultsOf } from "../../../support/load_config.ts";

/** Settings and stages as YAML. */
function faults(stages: string, env: Record<string, string> = {}) {
  return faultsOf(env, `pipeline: ${stages}\n`);
}

Deno.test("resolveStages gives the stages in canonical Extended JSON", () => {
  const config = configOf(
    {},
    "pipeline:\n  - $match: {operationType: insert, n: 1}\n  - $unset: [a, b]\n",
  );
  assert.deepEqual(config.stages, [
    { $match: { operationType: "insert", n: { $numberInt: "1" } } },
    { $unset: ["a", "b"] },
  ]);
});

Deno.test("resolveStages refuses what is no list of stages", () => {
  assertFault(faults("{$match: {}}"), "pipeline", /must be a list/);
  assertFault(faults("[[]]"), "pipeline[0]", /map with one key/);
  assertFault(faults("[{$match: {}, $set: {}}]"), "pipeline[0].$match", /map with one key/);
  assertFault(faults("['$match']"), "pipeline[0]", /map with one key/);
});

Deno.test("resolveStages refuses stages that change streams do not have", () => {
  for (const stage of ["$lookup", "$group", "$limit", "$sample", "$unionWith", "$out", "match"]) {
    assertFault(faults(`[{$match: {}}, {${stage}: {}}]`), `pipeline[1].${stage}`, /no such stage/);
  }
});

Deno.test("resolveStages refuses what gives another result at every reading", () => {
  for (
    const body of [
      "$match: {$sampleRate: 0.5}",
      "$match: {$where: 'true'}",
      "$match: {$expr: {$lt: [{$rand: {}}, 0.5]}}",
      "$set: {at: $$NOW}",
      "$addFields: {at: {$dateAdd: {startDate: $$CLUSTER_TIME, unit: day, amount: 1}}}",
      "$set: {x: {$function: {body: f, args: [], lang: js}}}",
      "$set: {x: {$accumulator: {}}}",
    ]
  ) {
    const name = body.split(":")[0];
    assertFault(faults(`[{${body}}]`), `pipeline[0].${name}`, /gives another result/);
  }
});

Deno.test("resolveStages lists the faults of all stages", () => {
  const found = faults("[{$limit: 1}, {$unset: ns}, {$match: {fullDocument.a: 1}}]");
  assert.deepEqual(found.map((fault) => fault.setting), [
    "pipeline[0].$limit",
    "pipeline[1].$unset",
    "pipeline[2].$match",
  ]);
});

Deno.test("resolveStages judges filters on images by the two settings", () => {
  const after = "[{$match: {fullDocument.a: 1}}]";
  const before = "[{$match: {fullDocumentBeforeChange.a: 1}}]";
  for (const mode of ["off", "update-lookup", "when-available"]) {
    assertFault(
      faults(after, { FULL_DOCUMENT: mode }),
      "pipeline[0].$match",
      /FULL_DOCUMENT=required/,
    );
  }
  assert.deepEqual(faults(after, { FULL_DOCUMENT: "required" }), []);
  assertFault(
    faults(before, { FULL_DOCUMENT: "required" }),
    "pipeline[0].$match",
    /FULL_DOCUMENT_BEFORE_CHANGE=required/,
  );
  assert.deepEqual(faults(before, { FULL_DOCUMENT_BEFORE_CHANGE: "required" }), []);
});
