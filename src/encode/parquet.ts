import { PermanentError } from "../model/errors.ts";
import type { Encoding } from "../model/settings.ts";
import type { ObjectWriter } from "./object_writer.ts";

/** Begins a Parquet object. */
export function openParquet(encoding: Encoding): Promise<ObjectWriter> {
  return Promise.reject(new PermanentError(`Cannot write ${encoding.format} yet`));
}
