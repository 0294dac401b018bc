/**
 * The last of entries whose seqs are dense, with about `2 * log2(n)` reads; with a right hint, two.
 *
 * Starts at the hint if there is an entry, else at 0; doubles the distance until it finds nothing, then halves. A hole
 * cannot be seen from here: what lies behind it counts or does not, as the probes fall.
 */
export async function findLast<T extends { readonly seq: number }>(
  read: (seq: number) => Promise<T | undefined>,
  hintSeq: number | undefined,
): Promise<T | undefined> {
  let found = hintSeq === undefined ? undefined : await read(hintSeq);
  if (found === undefined && hintSeq !== 0) found = await read(0);
  if (found === undefined) return undefined;
  const start = found.seq;
  let missing = Number.MAX_SAFE_INTEGER;
  for (let distance = 1; start + distance < missing; distance *= 2) {
    const next = await read(start + distance);
    if (next === undefined) missing = start + distance;
    else found = next;
  }
  while (missing - found.seq > 1) {
    const middle: number = found.seq + Math.floor((missing - found.seq) / 2);
    const next = await read(middle);
    if (next === undefined) missing = middle;
    else found = next;
  }
  return found;
}
