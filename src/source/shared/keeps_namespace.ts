import { isMap } from "../../support/json_shape.ts";

/** By these fields events are divided among the streams of a group. */
const FIELDS = ["ns", "to", "operationType"];

/**
 * Whether events are surely still told apart by their namespace behind a user's stages, canonical Extended JSON. Sure to say
 * no too often rather than too seldom.
 */
export function keepsNamespace(stages: readonly unknown[]): boolean {
  return stages.every(stageKeeps);
}

function stageKeeps(stage: unknown): boolean {
  const [name, body] = isMap(stage) ? Object.entries(stage)[0] ?? [] : [];
  switch (name) {
    case "$match":
      return true;
    case "$set":
    case "$addFields":
      return isMap(body) && !Object.keys(body).some(isOurs);
    case "$unset":
      return ![body].flat().some((path) => typeof path !== "string" || isOurs(path));
    case "$project":
      return isMap(body) && projectKeeps(body);
    default:
      return false;
  }
}

function projectKeeps(body: Readonly<Record<string, unknown>>): boolean {
  const values = Object.entries(body);
  const isExclusion = values.every(([, value]) => isNumber(value, 0) || value === false);
  if (isExclusion) return !Object.keys(body).some(isOurs);
  return FIELDS.every((field) => isNumber(body[field], 1) || body[field] === true);
}

function isOurs(path: string): boolean {
  return FIELDS.includes(path.split(".")[0]!);
}

function isNumber(value: unknown, number: number): boolean {
  if (value === number) return true;
  return isMap(value) && Object.values(value).every((each) => Number(each) === number);
}
