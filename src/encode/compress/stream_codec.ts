import * as zlib from "node:zlib";
import type { Transform } from "node:stream";
import type { Compression } from "../../model/format.ts";
import { concatBytes } from "../../support/bytes/concat_bytes.ts";
import { GZIP_LEVEL_FAST, ZSTD_LEVEL_FAST } from "./compress.ts";
import { withContentSize, ZSTD_C_COMPRESSION_LEVEL } from "./zstd.ts";

/** Compresses one block that comes in parts. */
export interface StreamCodec {
  /** Resolves when the part may be written over. One call at a time. */
  write(part: Uint8Array): Promise<void>;
  /** What all parts became, alone in its buffer. */
  end(): Promise<Uint8Array<ArrayBuffer>>;
  /** Gives up; does nothing after `end`. */
  drop(): void;
}

/** What one step of the library gives out at most. */
const OUTPUT_BYTES = 256 * 1024;

/**
 * How a block is begun; undefined where the codec compresses whole blocks only. It becomes what `loadCompress` makes of
 * all parts together, give or take the bounds of blocks inside of it.
 */
export function streamCodec(
  compression: Compression,
  level?: number,
): (() => StreamCodec) | undefined {
  switch (compression) {
    case "gzip": {
      const options = { level: level ?? GZIP_LEVEL_FAST, chunkSize: OUTPUT_BYTES };
      return () => new TransformCodec(zlib.createGzip(options), concatBytes);
    }
    case "zstd": {
      const create = (zlib as { createZstdCompress?: CreateZstdCompress }).createZstdCompress;
      if (create === undefined) return undefined;
      const params = { [ZSTD_C_COMPRESSION_LEVEL]: level ?? ZSTD_LEVEL_FAST };
      const options = { params, chunkSize: OUTPUT_BYTES };
      return () => new TransformCodec(create(options), withContentSize);
    }
    case "none":
    case "snappy":
      return undefined;
  }
}

type CreateZstdCompress = (options: {
  readonly params: Readonly<Record<number, number>>;
  readonly chunkSize: number;
}) => Transform;

class TransformCodec implements StreamCodec {
  readonly #transform: Transform;
  readonly #assemble: (output: readonly Uint8Array[], bytesIn: number) => Uint8Array<ArrayBuffer>;
  readonly #output: Uint8Array[] = [];
  readonly #ended: Promise<void>;
  #bytesIn = 0;

  constructor(
    transform: Transform,
    assemble: (output: readonly Uint8Array[], bytesIn: number) => Uint8Array<ArrayBuffer>,
  ) {
    this.#transform = transform;
    this.#assemble = assemble;
    transform.on("data", (bytes: Uint8Array) => this.#output.push(bytes));
    this.#ended = new Promise((resolve, reject) => {
      transform.once("end", resolve);
      transform.once("error", reject);
    });
    this.#ended.catch(() => {}); // The call under way tells.
  }

  write(part: Uint8Array): Promise<void> {
    this.#bytesIn += part.length;
    return new Promise((resolve, reject) => {
      this.#transform.write(part, (error) => error ? reject(error) : resolve());
    });
  }

  async end(): Promise<Uint8Array<ArrayBuffer>> {
    this.#transform.end();
    await this.#ended;
    return this.#assemble(this.#output, this.#bytesIn);
  }

  drop(): void {
    this.#transform.destroy();
  }
}
