/** How many columns of a terminal a text takes: letters of East Asia and emoji take two, accents of their own none. */

const LETTERS = new Intl.Segmenter("en", { granularity: "grapheme" });

/** A letter as people see it, which may be of several code points. */
export function lettersOf(text: string): string[] {
  return Array.from(LETTERS.segment(text), ({ segment }) => segment);
}

export function textWidth(text: string): number {
  // Almost all texts are names and figures.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  return lettersOf(text).reduce((sum, letter) => sum + letterWidth(letter), 0);
}

export function letterWidth(letter: string): number {
  if (/^[\p{Mn}\p{Me}\p{Cf}]+$/u.test(letter)) return 0;
  return WIDE.test(letter) || /\p{Emoji_Presentation}|\ufe0f/u.test(letter) ? 2 : 1;
}

/** The blocks that Unicode calls wide or full width (UAX #11), from Hangul's leading consonants to the ideographs beyond 16 bits. */
const WIDE = new RegExp(
  "[\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\u33ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\ua000-\\ua4cf\\ua960-\\ua97f" +
    "\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe30-\\ufe6f\\uff01-\\uff60\\uffe0-\\uffe6\\u{20000}-\\u{3fffd}]",
  "u",
);
