import { PermanentError } from "./errors.ts";

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
      `Cannot use object key ${JSON.stringify(key.slice(0, 200))}: it ${fault}`,
    );
  }
}

/** What is wrong with a key: completes "it ..."; undefined if nothing is. */
export function objectKeyFault(key: string): string | undefined {
  if (key === "") return "is empty";
  // A lone surrogate would become U+FFFD on the way, and two keys one.
  if (!key.isWellFormed()) return "is not valid Unicode";
  const bytes = bytesOf(key);
  if (bytes > KEY_BYTES_MAX) {
    return `has ${bytes} bytes, and none may have more than ${KEY_BYTES_MAX}`;
  }
  // deno-lint-ignore no-control-regex -- control characters are what is looked for.
  if (/[\x00-\x1f\x7f]/.test(key)) return "has a control character";
  for (const segment of key.split("/")) {
    if (segment === "") return "has an empty segment";
    if (segment === "." || segment === "..") return `has the segment "${segment}"`;
  }
  return undefined;
}

/**
 * What is wrong with folders that a person writes into settings: completes "it ...", undefined if nothing is. Stricter than
 * `objectKeyFault`, for what lies in the lake has to be read by others.
 */
export function folderFault(path: string): string | undefined {
  if (/[:\\]/.test(path)) {
    return "must not contain `:` or a backslash, which some readers cannot open";
  }
  if (/\p{Cc}/u.test(path)) return "must not contain control characters";
  const folders = path.split("/");
  if (folders.includes("")) return "must not contain an empty folder (`//`)";
  if (folders.some((folder) => folder === "." || folder === "..")) {
    return "must not contain the folders `.` and `..`";
  }
  return undefined;
}

/** What file systems take: bytes of a name, and of a path. */
const NAME_BYTES_MAX = 255;
const PATH_BYTES_MAX = 4095;

/** Why a file system cannot hold a file with this path; undefined if it can. */
export function pathFault(path: string): string | undefined {
  const bytes = bytesOf(path);
  if (bytes > PATH_BYTES_MAX) {
    return `has ${bytes} bytes with the directory, and file systems take ${PATH_BYTES_MAX}`;
  }
  const longest = Math.max(...path.split("/").map(bytesOf));
  if (longest <= NAME_BYTES_MAX) return undefined;
  return `has a name of ${longest} bytes, and file systems take ${NAME_BYTES_MAX}`;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Whether any key can begin with this: lists of other prefixes are empty, and must not leave the place. */
export function mayHoldKeys(prefix: string): boolean {
  const folder = prefix.slice(0, Math.max(0, prefix.lastIndexOf("/")));
  return folder === "" ? !prefix.startsWith("/") : objectKeyFault(folder) === undefined;
}
