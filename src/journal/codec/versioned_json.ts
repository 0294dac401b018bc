import { errorMessage, PermanentError } from "../../model/errors.ts";
import type { Shape } from "../../support/json_shape.ts";
import { readableJson } from "../../support/json_text.ts";

/** What a file of the journal is called in messages, and the versions of its format that this program knows. */
export interface FileForm<T> {
  readonly what: string;
  readonly versions: readonly number[];
  readonly shape: Shape<T>;
}

/**
 * The bytes of a file of the journal; the same value always gives the same bytes.
 *
 * @throws {TypeError} if the value is not one that `decodeFile` would read back.
 */
export function encodeFile<T>(form: FileForm<T>, value: T): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(readableJson(form.shape(value, "")));
}

/**
 * The value in a file of the journal.
 *
 * @throws {PermanentError} if it is damaged or has a version that is not known.
 */
export function decodeFile<T>(form: FileForm<T>, bytes: Uint8Array, where: string): T {
  const value = parseJson(form.what, bytes, where);
  const v: unknown = Object(value).v;
  if (Number.isSafeInteger(v) && !form.versions.includes(v as number)) {
    throw new PermanentError(
      `Cannot read ${form.what} "${where}": it has format version ${v}, this tributary knows ` +
        `${listed(form.versions)}; a newer tributary wrote it`,
    );
  }
  try {
    return form.shape(value, "", "left-out");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new PermanentError(`Cannot read ${form.what} "${where}": ${error.message}`);
  }
}

function listed(versions: readonly number[]): string {
  const [last, ...rest] = versions.toReversed();
  return rest.length === 0 ? `${last}` : `${rest.toReversed().join(", ")} and ${last}`;
}

function parseJson(what: string, bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new PermanentError(
      `Cannot read ${what} "${where}": its ${bytes.length} bytes are not JSON: ${
        errorMessage(error)
      }`,
    );
  }
}
