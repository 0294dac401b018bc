import { errorMessage, PermanentError, TransientError } from "../model/errors.ts";
import { countAvro, decodeAvro } from "./avro/decode_avro.ts";
import { countCsv, decodeCsv } from "./text/decode_csv.ts";
import { countJsonl, decodeJsonl } from "./text/decode_jsonl.ts";
import { countParquet, decodeParquet } from "./parquet/decode_parquet.ts";
import { decompressed, type FileCompression } from "./compress/decompress.ts";
import { FEED_PART_BYTES, ObjectFeed, type ReadObject } from "./compress/object_feed.ts";
import { type ValueCheck, valueFault } from "./row_check.ts";
import { type Format, FORMAT_NAMES } from "../model/format.ts";

/**
 * `rows`: their number as the object says it, which of Parquet needs its end only. `everything`: every byte is read and
 * every value decoded.
 */
export type InspectionDepth = "rows" | "everything";

export interface TimeSpan {
  readonly firstMs: number;
  readonly lastMs: number;
  /** The smallest and the greatest resume token. */
  readonly tokens?: readonly [first: string, last: string];
}

/** What is in an object. */
export interface Inspection {
  /** Absent where it is damaged. */
  readonly rows?: number;
  /** The cluster times of its events, in milliseconds since 1970; where everything was read, and there are any. */
  readonly times?: TimeSpan;
  /** What is wrong with the content. */
  readonly fault?: string;
  /** CRC-32 of all bytes, eight hex digits in lower case; absent where not all were read. */
  readonly crc32?: string;
}

/** `pq`: joined from others of Parquet. */
const EXTENSION = new RegExp(`\\.(${FORMAT_NAMES.join("|")}|pq)(?:\\.(gz|zst))?$`);

/**
 * Looks into an object of `bytes` bytes; its format is told by the key's extension. Little more than one part of it is
 * held, but for texts compressed with zstd: of those one whole object at a time.
 *
 * @throws what `read` throws: an object that cannot be read may be whole.
 */
export async function inspectObject(
  key: string,
  bytes: number,
  read: ReadObject,
  depth: InspectionDepth,
): Promise<Inspection> {
  const match = EXTENSION.exec(key);
  if (match === null) return { fault: "it has no extension that is known" };
  const format = match[1] === "pq" ? "parquet" : match[1] as Format;
  const isSmall = depth === "everything" && bytes <= FEED_PART_BYTES;
  const readPart = isSmall ? readOnce(read, bytes) : read;
  const feed = new ObjectFeed(readPart, bytes);
  const times = new TimeWatch();
  try {
    const content = { feed, read: readPart, compression: match[2] as FileCompression };
    const rows = await READERS[format][depth]({ ...content, check: times.check });
    if (format === "parquet" && depth === "rows") return { rows };
    await feed.drain();
    return { rows, crc32: feed.crc32, ...times.span };
  } catch (error) {
    if (isOfTheWorld(error)) throw error;
    await feed.drain();
    return { fault: `it is damaged (${errorMessage(error)})`, crc32: feed.crc32 };
  }
}

/** Looks into objects in a place that parts of objects can be got from. */
export function objectInspector(store: {
  get(
    key: string,
    range: { readonly start: number; readonly end?: number },
  ): Promise<Uint8Array<ArrayBuffer> | undefined>;
}): (key: string, bytes: number, depth: InspectionDepth) => Promise<Inspection> {
  return (key, bytes, depth) =>
    inspectObject(key, bytes, async (start, end) => {
      const part = await store.get(key, end === undefined ? { start } : { start, end });
      if (part === undefined) throw new PermanentError(`Cannot read ${key}: it is gone`);
      return part;
    }, depth);
}

/** A small object costs one request, whatever parts of it are looked at. */
function readOnce(read: ReadObject, bytes: number): ReadObject {
  let whole: Promise<Uint8Array<ArrayBuffer>> | undefined;
  return async (start, end) => {
    whole ??= bytes === 0 ? Promise.resolve(new Uint8Array(0)) : read(0, bytes);
    return (await whole).slice(start, end);
  };
}

interface Content {
  readonly feed: ObjectFeed;
  readonly read: ReadObject;
  readonly compression: FileCompression;
  readonly check: ValueCheck;
}

/** Checks values, and remembers between which times the events lie. */
class TimeWatch {
  #firstMs = Infinity;
  #lastMs = -Infinity;
  #tokens: readonly [first: string, last: string] | undefined;

  readonly check: ValueCheck = (name, value) => {
    const fault = valueFault(name, value);
    if (name === "resume_token") this.#seeToken(value as string);
    if (name !== "cluster_time" || fault !== undefined) return fault;
    const ms = typeof value === "string" ? Date.parse(value) : Number(value);
    if (ms < this.#firstMs) this.#firstMs = ms;
    if (ms > this.#lastMs) this.#lastMs = ms;
    return undefined;
  };

  get span(): { readonly times?: TimeSpan } {
    if (this.#firstMs > this.#lastMs) return {};
    const tokens = this.#tokens === undefined ? {} : { tokens: this.#tokens };
    return { times: { firstMs: this.#firstMs, lastMs: this.#lastMs, ...tokens } };
  }

  #seeToken(token: string): void {
    const [first, last] = this.#tokens ?? [token, token];
    if (this.#tokens === undefined || token < first || token > last) {
      this.#tokens = [token < first ? token : first, token > last ? token : last];
    }
  }
}

type Reader = (content: Content) => Promise<number>;

/** How each format is read. A new one has a line here. */
const READERS: Readonly<Record<Format, Readonly<Record<InspectionDepth, Reader>>>> = {
  parquet: {
    rows: ({ read }) => countParquet(read),
    everything: ({ feed, read, check }) => decodeParquet(feed, read, check),
  },
  avro: {
    rows: ({ feed }) => countAvro(feed),
    everything: ({ feed, check }) => decodeAvro(feed, check),
  },
  jsonl: {
    rows: ({ feed, compression }) => countJsonl(decompressed(feed, compression)),
    everything: ({ feed, compression, check }) =>
      decodeJsonl(decompressed(feed, compression), check),
  },
  csv: {
    rows: ({ feed, compression }) => countCsv(decompressed(feed, compression)),
    everything: ({ feed, compression, check }) => decodeCsv(decompressed(feed, compression), check),
  },
};

/** What goes wrong inside a format says what is wrong with the bytes, but for the errors of whoever read them. */
function isOfTheWorld(error: unknown): boolean {
  return error instanceof PermanentError || error instanceof TransientError;
}
