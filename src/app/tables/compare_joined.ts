import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import { concatParquet, type ReadPart } from "../../encode/parquet/concat_parquet.ts";
import { PermanentError } from "../../model/errors.ts";
import type { DeletionParts } from "../../table/retention/delete_joined.ts";

/** Of the output at once. */
const PART_BYTES_MAX = 8 * 1024 * 1024;

/** Compares an output with what its inputs give when they are joined once more. */
export function compareJoined(read: ReadPart): DeletionParts["compare"] {
  return async (folder, inputs, { path, bytes }) => {
    const objects = inputs.map((input) => ({ ...input, key: `${folder}/${input.path}` }));
    const key = `${folder}/${path}`;
    let [at, partBegin, checksum] = [0, 0, 0];
    let part = new Uint8Array(0);
    for await (const chunk of concatParquet(objects, read)) {
      for (let from = 0; from < chunk.length;) {
        if (at === partBegin + part.length) {
          partBegin = at;
          part = await read(key, { start: at, end: at + PART_BYTES_MAX }) ?? new Uint8Array(0);
          checksum = crc32(part, checksum);
        }
        const rest = part.subarray(at - partBegin);
        const count = Math.min(rest.length, chunk.length - from);
        if (
          count === 0 ||
          Buffer.compare(rest.subarray(0, count), chunk.subarray(from, from + count)) !== 0
        ) {
          throw differs(key, at);
        }
        from += count;
        at += count;
      }
    }
    if (at !== bytes || at !== partBegin + part.length) throw differs(key, at);
    return checksum.toString(16).padStart(8, "0");
  };
}

function differs(key: string, at: number): PermanentError {
  return new PermanentError(
    `The object "${key}" is not what was joined to it, from byte ${at} on; delete it, and it is made again`,
  );
}
