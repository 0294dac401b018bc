import { parquetReadObjects, type SchemaElement } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";

/** Small Parquet files of nested rows, whole in memory: no objects of a lake, but what the logs of tables need. */
export const nestedRows = {
  /** `schema`: the root and all elements below it, in order. */
  write(schema: readonly SchemaElement[], rows: readonly object[]): Uint8Array {
    const names = topColumns(schema);
    const columnData = names.map((name) => ({
      name,
      data: rows.map((row) => (row as Record<string, unknown>)[name]),
    }));
    return new Uint8Array(parquetWriteBuffer({
      ...{ columnData, schema: [...schema], codec: "SNAPPY", statistics: false },
      createdBy: "tributary",
    }));
  },

  read(
    bytes: Uint8Array<ArrayBuffer>,
    columns: readonly string[],
  ): Promise<Record<string, unknown>[]> {
    const { buffer, byteOffset, byteLength } = bytes;
    const file = buffer.slice(byteOffset, byteOffset + byteLength);
    return parquetReadObjects({ file, columns: [...columns] });
  },
};

/** The names of the root's own children. */
function topColumns(schema: readonly SchemaElement[]): string[] {
  const names: string[] = [];
  for (let i = 1; i < schema.length; i = behind(schema, i)) names.push(schema[i]!.name);
  return names;
}

function behind(schema: readonly SchemaElement[], i: number): number {
  let next = i + 1;
  for (let child = 0; child < (schema[i]!.num_children ?? 0); child++) next = behind(schema, next);
  return next;
}
