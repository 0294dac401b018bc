import { createHash } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { AvroReader, AvroWriter } from "./avro_bytes.ts";
import { type AvroField, type AvroSchema, AvroValues } from "./avro_values.ts";

const MAGIC = new TextEncoder().encode("Obj\x01");
const SYNC_BYTES = 16;

/** An Avro container file (Avro 1.11 specification, "Object Container Files"). */
export interface AvroFile {
  /** What it says of itself beside its schema. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly records: readonly unknown[];
}

/** Throws `RangeError`, or another error, where it cannot be read. */
export function readAvroFile(bytes: Uint8Array, nameOf?: (field: AvroField) => string): AvroFile {
  const from = new AvroReader(bytes);
  if (from.take(MAGIC.length).some((byte, i) => byte !== MAGIC[i])) {
    throw new RangeError("it does not begin like an Avro file");
  }
  const values = new AvroValues(nameOf);
  const texts = values.read({ type: "map", values: "bytes" }, from) as Record<string, Uint8Array>;
  const metadata = new Map(
    Object.entries(texts).map(([key, value]) => [key, new TextDecoder().decode(value)]),
  );
  const schema = JSON.parse(metadata.get("avro.schema") ?? "") as AvroSchema;
  const inflate = inflateOf(metadata.get("avro.codec") ?? "null");
  const sync = from.take(SYNC_BYTES);
  const records: unknown[] = [];
  while (!from.isEnd) {
    const count = from.int();
    const block = new AvroReader(inflate(from.take(from.int())));
    for (let i = 0; i < count; i++) records.push(values.read(schema, block));
    if (from.take(SYNC_BYTES).some((byte, i) => byte !== sync[i])) {
      throw new RangeError("a block does not end as it should");
    }
  }
  return { metadata, records };
}

export function writeAvroFile(
  schema: AvroSchema,
  metadata: Readonly<Record<string, string>>,
  records: readonly unknown[],
): Uint8Array<ArrayBuffer> {
  const values = new AvroValues();
  const block = new AvroWriter();
  for (const record of records) values.write(schema, record, block);
  const data = deflateRawSync(block.take());
  const to = new AvroWriter();
  to.put(MAGIC);
  const own = { "avro.schema": JSON.stringify(schema), "avro.codec": "deflate", ...metadata };
  const texts = Object.entries(own);
  to.long(texts.length);
  for (const [key, value] of texts) {
    to.text(key);
    to.text(value);
  }
  to.long(0);
  const sync = createHash("sha256").update(data).digest().subarray(0, SYNC_BYTES);
  to.put(sync);
  if (records.length > 0) {
    to.long(records.length);
    to.bytes(data);
    to.put(sync);
  }
  return to.take();
}

function inflateOf(codec: string): (data: Uint8Array) => Uint8Array {
  switch (codec) {
    case "null":
      return (data) => data;
    case "deflate":
      return (data) => inflateRawSync(data);
    default:
      throw new RangeError(`its codec "${codec}" is not known`);
  }
}
