/** All parts one behind the other, alone in a buffer. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The same of parts that come one after the other, and may be views of memory that is used again. */
export async function concatChunks(
  chunks: AsyncIterable<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer>> {
  return concatBytes(await Array.fromAsync(chunks, (chunk) => chunk.slice()));
}
