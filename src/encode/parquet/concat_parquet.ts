import { parquetMetadata } from "hyparquet";
import { ByteSink } from "../../bson/byte_sink.ts";
import { errorMessage, PermanentError } from "../../model/errors.ts";
import { readAheadInOrder } from "../../support/flow/read_ahead_in_order.ts";
import type { RowGroup } from "./parquet_chunk.ts";
import { writeFooter } from "./write_footer.ts";

/** An object of ours whose rows are to be in the whole. */
export interface ConcatInput {
  readonly key: string;
  readonly bytes: number;
  readonly rows: number;
}

/** Reads `[start, end)` of an object; undefined where there is none. */
export type ReadPart = (
  key: string,
  range: { readonly start: number; readonly end: number },
) => Promise<Uint8Array<ArrayBuffer> | undefined>;

/** A request brings no more, and so small objects come with one. */
const PART_BYTES_MAX = 8 * 1024 * 1024;

/** What is read ahead of the bytes that are wanted next. */
const AHEAD_BYTES_MAX = 16 * 1024 * 1024;

const AHEAD_PARTS_MAX = 32;

const MAGIC = new TextEncoder().encode("PAR1");

/** The footer's length and the magic bytes behind it. */
const TAIL_BYTES = 8;

/** A part of an input, `[start, end)`. */
interface Part {
  readonly input: ConcatInput;
  readonly start: number;
  readonly end: number;
}

/**
 * The bytes of one Parquet object with the row groups of all inputs, in their order: copied as they are and not decoded, with a
 * footer that says where they lie now. Holds a few parts of inputs and the footer's entries at a time.
 *
 * @throws {UnfitInput} where an input is not what it should be, or is no object of ours.
 */
export async function* concatParquet(
  inputs: readonly ConcatInput[],
  read: ReadPart,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const parts = readAheadInOrder(partsOf(inputs), (part) => readWhole(part, read), {
    sizeOf: ({ start, end }) => end - start,
    bytesMax: AHEAD_BYTES_MAX,
    itemsMax: AHEAD_PARTS_MAX,
  });
  const rowGroups: RowGroup[] = [];
  let [createdBy, rows, length] = ["", 0, MAGIC.length];
  yield MAGIC;
  for await (const [{ input, start, end }, bytes] of parts) {
    if (start === 0 && !beginsWithMagic(bytes)) throw fault(input, "it is no Parquet object");
    // All groups of an input move as far as its first byte does.
    const moved = length - (start === 0 ? MAGIC.length : start);
    let body = bytes.subarray(start === 0 ? MAGIC.length : 0);
    if (end === input.bytes) {
      const footer = readFooter(input, bytes);
      for (const group of footer.rowGroups) rowGroups.push(movedGroup(group, moved));
      body = body.subarray(0, body.length - footer.bytes);
      createdBy = footer.createdBy;
      rows += input.rows;
    }
    length += body.length;
    yield body;
  }
  const out = new ByteSink(0);
  writeFooter(out, { createdBy, rows, rowGroups });
  out.writeBytes(MAGIC, 0, MAGIC.length);
  yield out.release();
}

/** Parts of equal sizes, so that a footer is never divided. */
function* partsOf(inputs: readonly ConcatInput[]): Generator<Part> {
  for (const input of inputs) {
    const count = Math.max(1, Math.ceil(input.bytes / PART_BYTES_MAX));
    const partBytes = Math.ceil(input.bytes / count);
    for (let start = 0; start < input.bytes; start += partBytes) {
      yield { input, start, end: Math.min(input.bytes, start + partBytes) };
    }
  }
}

async function readWhole(
  { input, start, end }: Part,
  read: ReadPart,
): Promise<Uint8Array<ArrayBuffer>> {
  // One byte more shows that there are more.
  const isLast = end === input.bytes;
  const bytes = await read(input.key, { start, end: isLast ? end + 1 : end });
  if (bytes === undefined) throw fault(input, "it is gone");
  if (bytes.length !== end - start) throw fault(input, `it has not ${input.bytes} bytes`);
  return bytes;
}

interface InputFooter {
  readonly rowGroups: readonly RowGroup[];
  readonly createdBy: string;
  /** With its length and the magic bytes behind it. */
  readonly bytes: number;
}

/** What written again is the same, byte for byte, has nothing in it that would get lost. */
function readFooter(input: ConcatInput, end: Uint8Array<ArrayBuffer>): InputFooter {
  const footer = parseFooter(input, end);
  if (Number(footer.num_rows) !== input.rows) {
    throw fault(input, `it has ${footer.num_rows} rows and not ${input.rows}`);
  }
  const out = new ByteSink(0);
  const rowGroups = footer.row_groups as RowGroup[];
  const createdBy = footer.created_by ?? "";
  writeFooter(out, { createdBy, rows: input.rows, rowGroups });
  const bytes = footer.metadata_length + TAIL_BYTES;
  const own = end.subarray(end.length - bytes, end.length - MAGIC.length);
  if (!isEqual(own, out.bytes.subarray(0, out.length))) {
    throw fault(input, "it has columns or properties that this version does not write");
  }
  return { rowGroups, createdBy, bytes };
}

function parseFooter(input: ConcatInput, end: Uint8Array<ArrayBuffer>) {
  try {
    return parquetMetadata(end, { geoparquet: false });
  } catch (error) {
    throw fault(input, `its footer cannot be read (${errorMessage(error)})`);
  }
}

function movedGroup(group: RowGroup, by: number): RowGroup {
  const moved = <T extends bigint | undefined>(offset: T): T =>
    (offset === undefined ? undefined : offset + BigInt(by)) as T;
  return {
    ...group,
    file_offset: moved(group.file_offset!),
    columns: group.columns.map((column) => {
      const { data_page_offset, dictionary_page_offset } = column.meta_data!;
      return {
        // Zero says nothing, and stays.
        file_offset: column.file_offset === 0n ? 0n : moved(column.file_offset),
        meta_data: {
          ...column.meta_data!,
          data_page_offset: moved(data_page_offset),
          ...(dictionary_page_offset === undefined
            ? {}
            : { dictionary_page_offset: moved(dictionary_page_offset) }),
        },
      };
    }),
  };
}

function beginsWithMagic(bytes: Uint8Array): boolean {
  return isEqual(bytes.subarray(0, MAGIC.length), MAGIC);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** One input cannot be joined; without it the others may be. */
export class UnfitInput extends PermanentError {
  readonly key: string;

  constructor(key: string, why: string) {
    super(`Cannot join the object "${key}" with others: ${why}`);
    this.key = key;
  }
}

function fault({ key }: ConcatInput, why: string): UnfitInput {
  return new UnfitInput(key, why);
}
