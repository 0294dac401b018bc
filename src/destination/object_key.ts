import { PermanentError } from "../model/errors.ts";

/** S3 allows no longer key; a destination's own prefix counts too. */
export const KEY_BYTES_MAX = 1024;

/**
 * Refuses keys that some destination could not hold, or would hold under another name: empty, over 1,024 bytes,
 * absolute, with an empty, `.` or `..` segment, with control characters, or not writable as UTF-8.
 *
 * @throws {PermanentError}
 */
export function assertObjectKey(key: string): void {
  const fault = objectKeyFault(key);
  if (fault !== undefined) {
    throw new PermanentError(
      `Cannot use object key ${JSON.stringify(key.slice(0, 200))}: ${fault}`,
    );
  }
}

/** What is wrong with a key; undefined if nothing is. */
export function objectKeyFault(key: string): string | undefined {
  if (key === "") return "it is empty";
  // A lone surrogate would become U+FFFD on the way, and two keys one.
  if (!key.isWellFormed()) return "it is not valid Unicode";
  const bytes = new TextEncoder().encode(key).length;
  if (bytes > KEY_BYTES_MAX) return `it has ${bytes} bytes, more than ${KEY_BYTES_MAX}`;
  // deno-lint-ignore no-control-regex -- control characters are what is looked for.
  if (/[\x00-\x1f\x7f]/.test(key)) return "it has a control character";
  for (const segment of key.split("/")) {
    if (segment === "") return "it has an empty segment";
    if (segment === "." || segment === "..") return `it has the segment "${segment}"`;
  }
  return undefined;
}

/** Whether any key can begin with this: lists of other prefixes are empty, and must not leave the place. */
export function mayHoldKeys(prefix: string): boolean {
  const folder = prefix.slice(0, Math.max(0, prefix.lastIndexOf("/")));
  return folder === "" ? !prefix.startsWith("/") : objectKeyFault(folder) === undefined;
}
