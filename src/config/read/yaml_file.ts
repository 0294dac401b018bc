import {
  type Document,
  isCollection,
  isMap as isMapNode,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
} from "yaml";
import { isMap } from "../../support/json_shape.ts";
import type { Fault } from "./fault.ts";

/** Aliases in a file beyond this number are refused: a few lines of them can blow up to gigabytes. */
const ALIASES_MAX = 100;

export interface YamlFile {
  /** The values by key, with `${VAR}` filled in. Whole numbers are bigint, so that `1` and `1.0` stay apart. */
  readonly entries: ReadonlyMap<string, unknown>;
  /** Keys whose values refer to variables that are not set. */
  readonly unresolved: ReadonlySet<string>;
  /**
   * `lake.yaml:12:5`: where the value at a path stands, or the nearest that holds it; with `ofKey` where its key stands.
   */
  placeOf(path: readonly (string | number)[], ofKey?: boolean): string;
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
  const lines = new LineCounter();
  const options = { intAsBigInt: true, uniqueKeys: true, prettyErrors: false, lineCounter: lines };
  const document = parseDocument(text, options);
  const placeAt = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const sign = unquotedSign(document, text);
  if (sign !== undefined) {
    const [problem, next] = signFault(sign.sign);
    return failed(file, problem, placeAt(sign.offset), next);
  }
  const error = document.errors[0];
  if (error !== undefined) {
    const problem = error.code === "MULTIPLE_DOCS"
      ? "It holds several documents; the settings are one."
      : `It is not valid YAML: ${sentence(error.message)}`;
    return failed(file, problem, placeAt(error.pos[0]));
  }
  let top: unknown;
  try {
    top = document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch {
    return failed(file, `Its aliases stand for more than ${ALIASES_MAX} values.`);
  }
  const placeOf = (path: readonly (string | number)[], ofKey = false) =>
    placeAt(offsetOf(document, path, ofKey));
  if (top === null || top === undefined) {
    return { entries: new Map(), unresolved: new Set(), placeOf, valid: true, faults: [] };
  }
  if (!isMap(top)) {
    const problem = "It must be a map of settings, such as `batchSize: 1000`.";
    return failed(file, problem, placeOf([]));
  }
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
        place: placeOf([key]),
        problem: `It refers to the environment variable ${name}, which is not set.`,
        next: `Set ${name}, or write \${${name}:-default}.`,
      });
    }
  }
  return { entries, unresolved, placeOf, valid: true, faults };
}

/** A `*` or `!` with which a text begins, where YAML takes it for a sign of its own; the first there is. */
function unquotedSign(
  document: Document,
  text: string,
): { readonly sign: "*" | "!"; readonly offset: number } | undefined {
  const offsets: number[] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.range && alias.resolve(document) === undefined) offsets.push(alias.range[0]);
    },
  });
  for (const { code, pos } of [...document.errors, ...document.warnings]) {
    // An alias without a name is told behind its sign, in some places.
    if (code === "BAD_ALIAS") offsets.push(text[pos[0]] === "*" ? pos[0] : pos[0] - 1);
    if (code === "TAG_RESOLVE_FAILED") offsets.push(pos[0]);
  }
  const [offset] = offsets.sort((a, b) => a - b);
  const sign = offset === undefined ? undefined : text[offset];
  return offset !== undefined && (sign === "*" || sign === "!") ? { sign, offset } : undefined;
}

/** Problem and next step; what stands there may be a password. */
function signFault(sign: "*" | "!"): readonly [string, string] {
  return sign === "*"
    ? [
      "A * at the beginning is the sign of an alias to YAML, and there is no such anchor.",
      'Put the text into quotes: "*.orders", and not *.orders.',
    ]
    : [
      "A ! at the beginning is the sign of a tag to YAML, and there is no such tag.",
      'Put the text into quotes: "!shop.orders", and not !shop.orders.',
    ];
}

function failed(file: string, problem: string, place?: string, next?: string): YamlFile {
  const faults = [{
    setting: file,
    problem,
    ...(place === undefined ? {} : { place }),
    ...(next === undefined ? {} : { next }),
  }];
  const placeOf = () => file;
  return { entries: new Map(), unresolved: new Set(), placeOf, valid: false, faults };
}

/** Of a library's message the first line: the others quote the file, and may quote a password. */
function sentence(message: string): string {
  return message.split("\n")[0]!.replace(/[:.]?$/, ".");
}

/** Where the node at the path begins, or the last one on the way that there is. */
function offsetOf(document: Document, path: readonly (string | number)[], ofKey: boolean): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? node.range?.[0] ?? 0 : 0;
  path.forEach((part) => {
    if (!isCollection(node)) return;
    const pair = isMapNode(node)
      ? node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(part))
      : undefined;
    const next = pair === undefined ? node.items[Number(part)] : pair.value;
    const shown = pair !== undefined && (ofKey || !isNode(next)) ? pair.key : next;
    node = next;
    if (isNode(shown)) offset = shown.range?.[0] ?? offset;
  });
  return offset;
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
