import type { SettingName } from "./schema.ts";

/** `BATCH_SIZE` as `batchSize`, as the YAML file has it. */
type Key<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${Lowercase<First>}${Capitalize<Key<Rest>>}`
  : Lowercase<Name>;

/**
 * Settings as a program gives them: by the names and with the values that the YAML file has, so a size may be `"64MiB"` and a
 * time `"30s"`. Nothing in them is filled in from variables.
 */
export type SettingsGiven =
  & { readonly [Name in SettingName as Key<Name>]?: SettingGiven }
  & {
    /** Aggregation stages in Extended JSON. */
    readonly pipeline?: readonly object[];
  };

type SettingGiven = string | number | boolean | readonly string[];

/** The value as the YAML file would give it: whole numbers as such, so that 1 and 1.5 are told apart. */
export function asInFile(value: unknown): unknown {
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  if (Array.isArray(value)) return value.map(asInFile);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asInFile(each)]));
}
