/** The same bytes in parts of one size, but for the last. Each part is a buffer of its own. */
export async function* takeParts(
  chunks: AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let part = new Uint8Array(partBytes);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let done = 0; done < chunk.length;) {
      const taken = chunk.subarray(done, done + partBytes - filled);
      part.set(taken, filled);
      [filled, done] = [filled + taken.length, done + taken.length];
      if (filled < partBytes) continue;
      yield part;
      [part, filled] = [new Uint8Array(partBytes), 0];
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}
