import { Buffer } from "node:buffer";
import * as zlib from "node:zlib";
import { concatBytes } from "../../support/bytes/concat_bytes.ts";
import { Limiter } from "../../support/flow/limited.ts";
import type { ObjectFeed } from "./object_feed.ts";

/** How a whole file is compressed, by the end of its name. */
export type FileCompression = "gz" | "zst" | undefined;

/** Compressed bytes given to the library at once: what becomes of them is held, and may be a thousand times as much. */
const SLICE_BYTES = 64 * 1024;

/** The content of an object, a part at a time. */
export function decompressed(
  feed: ObjectFeed,
  compression: FileCompression,
): AsyncIterable<Uint8Array> {
  switch (compression) {
    case undefined:
      return partsOf(feed);
    case "gz":
      return gunzipped(feed);
    case "zst":
      return zstdDecompressed(feed);
  }
}

/** The content of one whole zstd frame, which says how long it is. */
export async function decompressZstd(bytes: Uint8Array): Promise<Uint8Array> {
  const size = zstdContentSize(bytes);
  const decompress =
    (zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array }).zstdDecompressSync ??
      await loadWasmZstd();
  const content = decompress(bytes);
  // The library takes a frame that has lost its end for one that has ended.
  if (size !== undefined && content.length !== size) {
    throw new RangeError(`zstd: it has ${content.length} bytes and says ${size}`);
  }
  return content;
}

async function loadWasmZstd(): Promise<(bytes: Uint8Array) => Uint8Array> {
  const { Zstd } = await import("@hpcc-js/wasm-zstd");
  const zstd = await Zstd.load();
  return (bytes) => zstd.decompress(bytes);
}

async function* partsOf(feed: ObjectFeed): AsyncIterable<Uint8Array> {
  for (let part = await feed.next(); part !== undefined; part = await feed.next()) yield part;
}

async function* gunzipped(feed: ObjectFeed): AsyncIterable<Uint8Array> {
  const gunzip = zlib.createGunzip();
  const stopped = Promise.withResolvers<void>();
  const writing = writeAll(feed, gunzip, stopped.promise);
  // What goes wrong with it is told below, or by the stream that it destroys.
  writing.catch(() => {});
  try {
    for await (const part of gunzip) yield part as Uint8Array;
  } finally {
    // A write to a stream that has failed may never be answered.
    stopped.resolve();
    gunzip.destroy();
    await writing;
  }
}

/** Ends early when `stopped` resolves. */
async function writeAll(
  feed: ObjectFeed,
  gunzip: zlib.Gunzip,
  stopped: Promise<void>,
): Promise<void> {
  let isStopped = false;
  void stopped.then(() => isStopped = true);
  try {
    for (let part = await feed.next(); part !== undefined; part = await feed.next()) {
      for (let at = 0; at < part.length; at += SLICE_BYTES) {
        const slice = Buffer.from(part.subarray(at, at + SLICE_BYTES));
        await Promise.race([new Promise((taken) => gunzip.write(slice, taken)), stopped]);
        if (isStopped) return;
      }
    }
    gunzip.end();
  } catch (error) {
    gunzip.destroy();
    throw error;
  }
}

/** Only whole frames can be decompressed safely, and so only one at a time is held. */
const wholeFrames = new Limiter(1);

async function* zstdDecompressed(feed: ObjectFeed): AsyncIterable<Uint8Array> {
  const release = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  void wholeFrames.run(() => {
    entered.resolve();
    return release.promise;
  });
  await entered.promise;
  try {
    const parts: Uint8Array[] = [];
    for await (const part of partsOf(feed)) parts.push(part);
    yield await decompressZstd(parts.length === 1 ? parts[0]! : concatBytes(parts));
  } finally {
    release.resolve();
  }
}

const ZSTD_MAGIC = 0xfd2fb528;

/** The content's size as the frame's header has it (RFC 8878, 3.1.1.1); undefined where it says none. */
function zstdContentSize(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 5 || view.getUint32(0, true) !== ZSTD_MAGIC) {
    throw new RangeError("zstd: it does not begin like a frame");
  }
  const descriptor = view.getUint8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const at = 5 + (isSingleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  switch (descriptor >> 6) {
    case 0:
      return isSingleSegment ? view.getUint8(at) : undefined;
    case 1:
      return view.getUint16(at, true) + 256;
    case 2:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}
