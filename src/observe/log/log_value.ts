import { redactAll } from "../../support/redact.ts";

const TEXT_LENGTH_MAX = 4000;
/** Secrets are looked for before a text is cut, or half of one could stay; further back than this nothing is shown. */
const LOOKED_AT_MAX = 2 * TEXT_LENGTH_MAX;
const DEPTH_MAX = 5;
const CAUSES_MAX = 5;

/** Errors that are faults of the program: where they came from matters more than what they say. */
const PROGRAM_FAULTS = new Set(["TypeError", "RangeError", "ReferenceError", "AssertionError"]);

/** A field's value as JSON can hold it: short enough for a line, without secrets. */
export function logValue(value: unknown, secrets: readonly string[], depth = 0): unknown {
  switch (typeof value) {
    case "string":
      return shown(value, secrets);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
    case "symbol":
    case "function":
      return String(value);
    case "object":
      if (value === null) return null;
      if (value instanceof Error) return shown(errorText(value), secrets);
      if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
      if (depth === DEPTH_MAX) return "...";
      return compound(value, secrets, depth);
    default:
      return value;
  }
}

function compound(value: object, secrets: readonly string[], depth: number): unknown {
  if (Array.isArray(value)) return value.map((item) => logValue(item, secrets, depth + 1));
  if (value instanceof Date) return String(value.toJSON());
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, item]) => [String(key), logValue(item, secrets, depth + 1)]),
  );
}

/** The message and those of the causes; with the stack where the program itself is at fault. */
function errorText(error: Error): string {
  const messages: string[] = [];
  let cause: unknown = error;
  for (let i = 0; i < CAUSES_MAX && cause instanceof Error; i++) {
    if (PROGRAM_FAULTS.has(cause.name)) messages.push(cause.stack ?? String(cause));
    else if (!isSaid(cause.message, messages)) messages.push(cause.message || cause.name);
    cause = cause.cause;
  }
  return messages.join(": ");
}

/** Whether it is a part of what is said already, but for its full stop. */
function isSaid(message: string, messages: readonly string[]): boolean {
  const words = message.replace(/\.$/, "");
  return words !== "" && messages.some((said) => said.includes(words));
}

function shown(whole: string, secrets: readonly string[]): string {
  const text = redactAll(whole.slice(0, LOOKED_AT_MAX), secrets);
  return text.length <= TEXT_LENGTH_MAX ? text : text.slice(0, TEXT_LENGTH_MAX) + "...";
}
