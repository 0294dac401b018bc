import { Buffer } from "node:buffer";
import avro from "avsc";

/** The records of an Avro file, by avsc. */
export function readContainer(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    const rows: Record<string, unknown>[] = [];
    const decoder = new avro.streams.BlockDecoder();
    decoder.on("data", (row: Record<string, unknown>) => rows.push(row));
    decoder.on("error", reject);
    decoder.on("end", () => resolve(rows));
    decoder.end(Buffer.from(bytes));
  });
}
