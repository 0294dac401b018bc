/**
 * Compares two texts by the bytes of their UTF-8 form, as S3 orders keys; negative if `a` is before `b`.
 *
 * JavaScript compares UTF-16 units, in which characters beyond U+FFFF (surrogate pairs, D800 to DFFF) sort before
 * U+E000 to U+FFFF; in UTF-8 they sort after.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** The unit's place among units in code point order: surrogates go last. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
