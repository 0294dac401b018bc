export interface AheadLimits<T> {
  readonly sizeOf: (item: T) => number;
  /** Of all that is under way or waits to be taken, but for one item that is larger by itself. */
  readonly bytesMax: number;
  readonly itemsMax: number;
}

/** Each item with what reading it gave, in the order of the items; those behind are read meanwhile. */
export async function* readAheadInOrder<T, R>(
  items: Iterable<T>,
  read: (item: T) => Promise<R>,
  { sizeOf, bytesMax, itemsMax }: AheadLimits<T>,
): AsyncGenerator<readonly [T, R]> {
  const source = items[Symbol.iterator]();
  const ahead: { readonly item: T; readonly size: number; readonly result: Promise<R> }[] = [];
  let bytes = 0;
  let next = source.next();
  try {
    for (;;) {
      while (!next.done && ahead.length < itemsMax) {
        const item = next.value;
        const size = sizeOf(item);
        if (ahead.length > 0 && bytes + size > bytesMax) break;
        bytes += size;
        const result = read(item);
        // Whoever takes it hears of a failure; until then nobody does.
        result.catch(() => {});
        ahead.push({ item, size, result });
        next = source.next();
      }
      const first = ahead.shift();
      if (first === undefined) return;
      yield [first.item, await first.result] as const;
      bytes -= first.size;
    }
  } finally {
    // None is under way any more when whoever reads has ended.
    await Promise.allSettled(ahead.map(({ result }) => result));
  }
}
