import { COLUMNS } from "../../model/columns.ts";
import type { KeyRule } from "../../model/settings.ts";
import { folderFault } from "../../model/keys/key_rules.ts";
import type { Resolution } from "./resolution.ts";

/** The folders of each strategy. */
export const KEY_STRATEGIES = {
  "hive": "db={db}/coll={coll}/year={yyyy}/month={MM}/day={dd}/hour={HH}/",
  "hive-plain": "db={db!}/coll={coll!}/year={yyyy}/month={MM}/day={dd}/hour={HH}/",
  "date-hour": "{db}/{coll}/{yyyy}/{MM}/{dd}/{HH}/",
  "date": "{db}/{coll}/{yyyy}/{MM}/{dd}/",
  "collection": "{db}/{coll}/",
  "flat": "",
} as const;

const PLACEHOLDERS = ["db", "db!", "coll", "coll!", "yyyy", "MM", "dd", "HH", "hash"];

/** The columns of every format. A folder `column=value` makes readers such as pyarrow see the column twice and fail. */
const COLUMN_NAMES: ReadonlySet<string> = new Set(COLUMNS.map(({ name }) => name));

/** The folders of objects, from KEY_TEMPLATE or KEY_STRATEGY; undefined where they are wrong. */
export function resolveKeyRule(resolution: Resolution): KeyRule | undefined {
  const { values } = resolution;
  if (resolution.isBroken("KEY_TEMPLATE", "KEY_STRATEGY")) return undefined;
  if (values.KEY_TEMPLATE === undefined) {
    const template = KEY_STRATEGIES[strategyOf(resolution)];
    return { template, bucket: bucketOf(template) };
  }
  if (resolution.isGiven("KEY_STRATEGY")) {
    resolution.fault(
      "KEY_TEMPLATE",
      "KEY_STRATEGY is set as well, and only one of them may be.",
      "Take one of them away.",
    );
    return undefined;
  }
  const problem = templateProblem(values.KEY_TEMPLATE.replace(/\/$/, ""));
  if (problem !== undefined) {
    resolution.fault("KEY_TEMPLATE", problem, "Write it as raw/{db}/{coll}/dt={yyyy}-{MM}-{dd}.");
    return undefined;
  }
  const template = values.KEY_TEMPLATE.replace(/\/?$/, "/");
  return { template, bucket: bucketOf(template) };
}

/** With tables each collection needs a folder that readers of tables find. For ordinary names both are the same. */
function strategyOf({ values, isGiven }: Resolution): keyof typeof KEY_STRATEGIES {
  return values.TABLES === "none" || isGiven("KEY_STRATEGY") ? values.KEY_STRATEGY : "hive-plain";
}

/** An object never mixes two values of the template: a month or a year is never split by days in vain, but rightly. */
function bucketOf(template: string): KeyRule["bucket"] {
  if (template.includes("{HH}")) return "hour";
  return /\{(yyyy|MM|dd)\}/.test(template) ? "day" : "none";
}

function templateProblem(template: string): string | undefined {
  const unknown = template.replace(
    /\{(\w+!?)\}/g,
    (whole, name) => PLACEHOLDERS.includes(name) ? "" : whole,
  );
  const strange = /\{[^}]*\}?|\}/.exec(unknown)?.[0];
  if (strange !== undefined) {
    return `"${strange}" is none of the placeholders {db} {coll} {yyyy} {MM} {dd} {HH} {hash}.`;
  }
  const problem = folderFault(template);
  if (problem !== undefined) return `The template ${problem}.`;
  const folders = template.split("/");
  const hidden = folders.find((folder) => /^[._]/.test(folder));
  if (hidden !== undefined) {
    return `The folder "${hidden}" begins with "${
      hidden[0]
    }": readers such as Spark and Athena would not see it.`;
  }
  const names = folders.filter((f) => f.includes("=")).map((f) => f.split("=")[0]!.toLowerCase());
  const column = names.find((name) => COLUMN_NAMES.has(name));
  if (column !== undefined) {
    return `The folder "${column}=" has the name of a column: readers would see it twice and fail.`;
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? undefined : `The folder "${twice}=" stands there twice.`;
}
