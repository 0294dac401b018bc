import {
  CompressionCodecs,
  ConvertedTypes,
  Encodings,
  FieldRepetitionTypes,
  PageTypes,
  ParquetTypes,
} from "hyparquet/src/constants.js";
import type { SchemaElement } from "hyparquet-writer";
import { unconvertStatistics } from "hyparquet-writer/src/unconvert.js";
import { ByteSink } from "../../bson/byte_sink.ts";
import { BINARY, CompactWriter, INT32, STRUCT } from "./compact_writer.ts";
import type { ColumnMetaData, RowGroup } from "./parquet_chunk.ts";
import { PARQUET_COLUMNS, PARQUET_SCHEMA } from "./parquet_schema.ts";

/** What a footer says that is not the same in all objects. */
export interface Footer {
  readonly createdBy: string;
  readonly rows: number;
  readonly rowGroups: readonly RowGroup[];
}

/** Of the format, as `FileMetaData` has it. */
const VERSION = 2;
/** Bounds of texts are cut here. */
const STATISTICS_BYTES_MAX = 64;

/** Fields of the unions `LogicalType` and `TimeUnit`. */
const LOGICAL_STRING = 1;
const LOGICAL_TIMESTAMP = 8;
const LOGICAL_JSON = 12;
const UNIT_MILLIS = 1;

/** The fields before the number of rows: the same in each object, and a third of a small one's footer. */
const BEGINNING = written((writer) => {
  writer.int32(1, VERSION);
  writer.list(2, STRUCT, PARQUET_SCHEMA.length);
  for (const element of PARQUET_SCHEMA) writeSchemaElement(writer, element);
});

/** Writes `FileMetaData` of parquet.thrift and its length behind it. The library would write the same bytes. */
export function writeFooter(out: ByteSink, { createdBy, rows, rowGroups }: Footer): void {
  const start = out.length;
  out.writeBytes(BEGINNING, 0, BEGINNING.length);
  const writer = new CompactWriter(out, 2);
  writer.int64(3, rows);
  writer.list(4, STRUCT, rowGroups.length);
  for (const group of rowGroups) writeRowGroup(writer, group);
  writer.ascii(6, createdBy);
  writer.list(7, STRUCT, PARQUET_COLUMNS.length);
  for (const _ of PARQUET_COLUMNS) writeColumnOrder(writer);
  writer.end();
  const length = out.length - start;
  for (let shift = 0; shift < 32; shift += 8) out.writeByte(length >>> shift & 0xff);
}

function writeRowGroup(writer: CompactWriter, group: RowGroup): void {
  writer.beginElement();
  writer.list(1, STRUCT, group.columns.length);
  group.columns.forEach(({ file_offset, meta_data }, i) => {
    writer.beginElement();
    writer.int64(2, file_offset);
    writer.begin(3);
    writeColumn(writer, meta_data!, PARQUET_COLUMNS[i]!);
    writer.end();
    writer.end();
  });
  writer.int64(2, group.total_byte_size);
  writer.int64(3, group.num_rows);
  writer.int64(5, group.file_offset!);
  writer.int64(6, group.total_compressed_size!);
  writer.end();
}

function writeColumn(writer: CompactWriter, column: ColumnMetaData, element: SchemaElement): void {
  const { encodings, path_in_schema, statistics, encoding_stats = [] } = column;
  writer.int32(1, ParquetTypes.indexOf(column.type));
  writer.list(2, INT32, encodings.length);
  for (const encoding of encodings) writer.int32Element(Encodings.indexOf(encoding));
  writer.list(3, BINARY, path_in_schema.length);
  for (const name of path_in_schema) writer.asciiElement(name);
  writer.int32(4, CompressionCodecs.indexOf(column.codec));
  writer.int64(5, column.num_values);
  writer.int64(6, column.total_uncompressed_size);
  writer.int64(7, column.total_compressed_size);
  writer.int64(9, column.data_page_offset);
  const { dictionary_page_offset } = column;
  if (dictionary_page_offset !== undefined) writer.int64(11, dictionary_page_offset);
  if (statistics !== undefined) writeStatistics(writer, statistics, element);
  writer.list(13, STRUCT, encoding_stats.length);
  for (const { page_type, encoding, count } of encoding_stats) {
    writer.beginElement();
    writer.int32(1, PageTypes.indexOf(page_type));
    writer.int32(2, Encodings.indexOf(encoding));
    writer.int32(3, count);
    writer.end();
  }
}

function writeStatistics(
  writer: CompactWriter,
  statistics: NonNullable<ColumnMetaData["statistics"]>,
  element: SchemaElement,
): void {
  const { field_3: nulls, field_5: max, field_6: min, field_7: isMaxExact, field_8: isMinExact } =
    unconvertStatistics(statistics, element, STATISTICS_BYTES_MAX) as Bounds;
  writer.begin(12);
  if (nulls !== undefined) writer.int64(3, nulls);
  if (max !== undefined) writer.bytes(5, max);
  if (min !== undefined) writer.bytes(6, min);
  if (isMaxExact !== undefined) writer.bool(7, isMaxExact);
  if (isMinExact !== undefined) writer.bool(8, isMinExact);
  writer.end();
}

/** `Statistics` of parquet.thrift by its fields' numbers, as far as ours have them. */
interface Bounds {
  readonly field_3?: bigint;
  readonly field_5?: Uint8Array;
  readonly field_6?: Uint8Array;
  readonly field_7?: boolean;
  readonly field_8?: boolean;
}

/** Values are compared as their type has it. */
function writeColumnOrder(writer: CompactWriter): void {
  writer.beginElement();
  writer.begin(1);
  writer.end();
  writer.end();
}

function writeSchemaElement(writer: CompactWriter, element: SchemaElement): void {
  const { type, repetition_type, name, num_children, converted_type, logical_type } = element;
  writer.beginElement();
  if (type !== undefined) writer.int32(1, ParquetTypes.indexOf(type));
  if (repetition_type !== undefined) {
    writer.int32(3, FieldRepetitionTypes.indexOf(repetition_type));
  }
  writer.ascii(4, name);
  if (num_children !== undefined) writer.int32(5, num_children);
  if (converted_type !== undefined) writer.int32(6, ConvertedTypes.indexOf(converted_type));
  if (logical_type !== undefined) {
    writer.begin(10);
    writeLogicalType(writer, logical_type);
    writer.end();
  }
  writer.end();
}

/** Of those that columns of ours have. */
function writeLogicalType(
  writer: CompactWriter,
  logical: NonNullable<SchemaElement["logical_type"]>,
): void {
  if (logical.type === "TIMESTAMP") {
    writer.begin(LOGICAL_TIMESTAMP);
    writer.bool(1, logical.isAdjustedToUTC);
    writer.begin(2);
    writer.begin(UNIT_MILLIS);
    writer.end();
    writer.end();
  } else {
    writer.begin(logical.type === "JSON" ? LOGICAL_JSON : LOGICAL_STRING);
  }
  writer.end();
}

function written(write: (writer: CompactWriter) => void): Uint8Array {
  const out = new ByteSink(1024);
  write(new CompactWriter(out));
  return out.take();
}
