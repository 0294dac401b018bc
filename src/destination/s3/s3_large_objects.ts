import { PermanentError } from "../../model/errors.ts";
import { isRefusal, s3Status } from "./s3_faults.ts";
import { type PartsUpload, putInParts } from "./s3_multipart.ts";

/** Of the parts of large objects. */
export const PART_BYTES = 16 * 1024 ** 2;

/** Of objects that come in a stream, of which little is to be held. */
export const STREAMED_PART_BYTES = 8 * 1024 ** 2;

/** S3 takes no smaller ones, but for the last. */
export const PART_BYTES_MIN = 5 * 1024 ** 2;

/** No PUT may have a larger body. */
export const PUT_BYTES_MAX = 5 * 1024 ** 3;

/**
 * Whether an upload in parts leaves alone an object that is there: some stores keep the condition of a PUT and ignore that
 * of completing an upload. `upload` is one of the bytes of an object that is there, so nothing is lost where they do.
 */
export async function partsKeepWhatIsThere(upload: PartsUpload): Promise<boolean> {
  try {
    return await putInParts(upload) === "exists";
  } catch (error) {
    if (isUnknownRequest(error)) return false;
    throw error;
  }
}

/** Whether the store has no uploads in parts, or does not know their condition. */
function isUnknownRequest(error: unknown): boolean {
  return error instanceof PermanentError && isRefusal(error.cause) &&
    [400, 405, 501].includes(s3Status(error.cause) ?? 0);
}
