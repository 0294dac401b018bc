import { PermanentError } from "../../model/errors.ts";
import { objectKeyFault } from "../../model/keys/key_rules.ts";

export interface S3Place {
  readonly bucket: string;
  /** Without slashes around it; empty where there is none. */
  readonly prefix: string;
}

/** @throws {PermanentError} if the URL cannot be read as `s3://bucket/prefix`. */
export function s3Place(url: string): S3Place {
  const match = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]*)(?:\/(.*))?$/s.exec(url);
  if (match === null) {
    throw new PermanentError(
      `Cannot use destination "${url}": it must be s3://bucket or s3://bucket/prefix`,
    );
  }
  const prefix = (match[2] ?? "").replace(/^\/+|\/+$/g, "");
  const fault = prefix === "" ? undefined : objectKeyFault(prefix);
  if (fault !== undefined) {
    throw new PermanentError(
      `Cannot use destination "${url.slice(0, 200)}": its prefix ${fault}; correct DESTINATION`,
    );
  }
  return { bucket: match[1]!, prefix };
}
