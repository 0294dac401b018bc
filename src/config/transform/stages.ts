import { canonicalJson } from "./canonical_json.ts";
import { isMap } from "../../support/json_shape.ts";
import { unrepeatableOperators } from "./expression.ts";
import { originText } from "../read/fault.ts";
import type { Given } from "../read/layers.ts";
import type { Resolution } from "../resolve/resolution.ts";
import { STAGES_KEY } from "../table/schema.ts";
import { type Images, newImages, stageProblems } from "./stage_rules.ts";

/** The stages that MongoDB takes in a change stream (manual, "Modify Change Stream Output"). */
const STAGES = [
  "$match",
  "$project",
  "$addFields",
  "$set",
  "$unset",
  "$replaceRoot",
  "$replaceWith",
  "$redact",
];

/**
 * Checks the user's aggregation stages and gives them in canonical Extended JSON.
 *
 * A range of the stream that is read again must give the same events; so whatever could select others is a fault, and so
 * is what would take away the fields that tell events apart.
 */
export function resolveStages(given: Given | undefined, resolution: Resolution): unknown[] {
  if (given === undefined || given.unusable) return [];
  const fault = (stage: string, problem: string, place = given.origin.place) =>
    resolution.faults.push({
      ...{ setting: stage, origin: originText(given.origin), problem },
      ...(place === undefined ? {} : { place }),
    });
  if (!Array.isArray(given.value)) {
    fault(STAGES_KEY, "It must be a list of aggregation stages.");
    return [];
  }
  const { FULL_DOCUMENT: after, FULL_DOCUMENT_BEFORE_CHANGE: before } = resolution.values;
  const images = newImages({
    fullDocument: resolution.isBroken("FULL_DOCUMENT") || after === "required",
    fullDocumentBeforeChange: resolution.isBroken("FULL_DOCUMENT_BEFORE_CHANGE") ||
      before === "required",
  });
  given.value.forEach((stage, index) => {
    for (const problem of problemsOf(stage, images)) {
      fault(stageName(stage, index), problem, given.itemPlaces?.[index]);
    }
  });
  return given.value.map(canonicalJson);
}

/** `pipeline[0].$match`. */
function stageName(stage: unknown, index: number): string {
  const [name] = isMap(stage) ? Object.keys(stage) : [];
  return name === undefined ? `${STAGES_KEY}[${index}]` : `${STAGES_KEY}[${index}].${name}`;
}

function problemsOf(stage: unknown, images: Images): string[] {
  if (!isMap(stage) || Object.keys(stage).length !== 1) {
    return ["A stage must be a map with one key, such as `$match: {operationType: insert}`."];
  }
  const [name, body] = Object.entries(stage)[0]!;
  if (!STAGES.includes(name)) {
    return [`MongoDB takes no such stage in a change stream, only ${STAGES.join(", ")}.`];
  }
  const unrepeatable = unrepeatableOperators(body).map((operator) =>
    `${operator} gives another result when an event is read again, so events could be lost or doubled.`
  );
  return [...unrepeatable, ...stageProblems(name, body, images)];
}
