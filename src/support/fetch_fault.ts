/** What `fetch` met, in the codes of `node:net`, by words of the runtime's own. */
const CODES: readonly (readonly [RegExp, string])[] = [
  [/dns error|lookup address/, "ENOTFOUND"],
  [/Connection refused/, "ECONNREFUSED"],
  [/Connection reset/, "ECONNRESET"],
];

/**
 * The error of a `fetch` that got no answer, in plain words and with a code where it has one. What the runtime throws is a
 * `TypeError`, as if the program were at fault: of Deno 2.4 with all in its text, of 2.9 with "fetch failed" and the rest in
 * its cause. Anything else, as a reason to abort, is given back as it is.
 */
export function fetchFault(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  const cause = error.cause instanceof Error ? error.cause : error;
  const text = plainText(cause.message);
  const code = CODES.find(([words]) => words.test(cause.message))?.[1];
  // Without the cause: a log would take it for a fault of the program.
  const fault = new Error(text);
  return code === undefined ? fault : Object.assign(fault, { code });
}

/** Without the address, which the caller names, and without what the runtime says twice. */
function plainText(message: string): string {
  const text = message
    .replace(/^error sending request (for url|from \S+ for \S+) \([^)]*\):? ?/, "")
    .replace(/^client error \(\w+\): ?/, "")
    .replace(/^(tcp connect|dns) error: /, "");
  const once = text.replace(/ \(os error \d+\)/g, "").replace(/^(.+): \1$/, "$1");
  return once || message;
}
