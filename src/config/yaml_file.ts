import { parseDocument } from "yaml";
import type { Fault } from "./fault.ts";

/** Aliases in a file beyond this number are refused: a few lines of them can blow up to gigabytes. */
const ALIASES_MAX = 100;

export interface YamlFile {
  /** The values by key, with `${VAR}` filled in. Whole numbers are bigint, so that `1` and `1.0` stay apart. */
  readonly entries: ReadonlyMap<string, unknown>;
  /** Keys whose values refer to variables that are not set. */
  readonly unresolved: ReadonlySet<string>;
  /** Whether the file could be read as YAML at all. */
  readonly valid: boolean;
  readonly faults: readonly Fault[];
}

/**
 * Reads the text of a YAML file whose top is a map.
 *
 * In every string value `${VAR}` is the environment variable, `${VAR:-text}` the same with a default, `$${` a literal
 * `${`. The variable's text is never read as YAML. `file` is its name, for the faults.
 */
export function parseYamlFile(
  text: string,
  file: string,
  env: (name: string) => string | undefined,
): YamlFile {
  const document = parseDocument(text, { intAsBigInt: true, uniqueKeys: true });
  const error = document.errors[0];
  if (error !== undefined) {
    // The lines after the first quote the file, and may quote a password.
    return failed(
      file,
      `It is not valid YAML: ${error.message.split("\n")[0]!.replace(/:$/, ".")}`,
    );
  }
  let top: unknown;
  try {
    top = document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch {
    return failed(file, `Its aliases stand for more than ${ALIASES_MAX} values.`);
  }
  if (top === null || top === undefined) {
    return { entries: new Map(), unresolved: new Set(), valid: true, faults: [] };
  }
  if (!isMap(top)) return failed(file, "It must be a map of settings, such as `batchSize: 1000`.");
  const faults: Fault[] = [];
  const entries = new Map<string, unknown>();
  const unresolved = new Set<string>();
  for (const [key, value] of Object.entries(top)) {
    const missing = new Set<string>();
    entries.set(key, expand(value, env, missing));
    for (const name of missing) {
      unresolved.add(key);
      faults.push({
        setting: key,
        origin: `file ${file}`,
        problem: `It refers to the environment variable ${name}, which is not set.`,
        next: `Set ${name}, or write \${${name}:-default}.`,
      });
    }
  }
  return { entries, unresolved, valid: true, faults };
}

function failed(file: string, problem: string): YamlFile {
  const faults = [{ setting: file, problem }];
  return { entries: new Map(), unresolved: new Set(), valid: false, faults };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function expand(
  value: unknown,
  env: (name: string) => string | undefined,
  missing: Set<string>,
): unknown {
  if (typeof value === "string") return expandText(value, env, missing);
  if (Array.isArray(value)) return value.map((item) => expand(item, env, missing));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, expand(item, env, missing)]),
  );
}

function expandText(
  text: string,
  env: (name: string) => string | undefined,
  missing: Set<string>,
): string {
  const reference = /\$(\$\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;
  return text.replace(reference, (_, escaped?: string, name?: string, fallback?: string) => {
    if (escaped !== undefined) return "${";
    const value = env(name!) || fallback;
    if (value === undefined) missing.add(name!);
    return value ?? "";
  });
}
