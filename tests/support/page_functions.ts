/** Functions of the page's program, outside of a page. */

// deno-lint-ignore no-explicit-any
type Functions = Record<string, (...args: any[]) => any>;

/** The named functions of these parts, which must touch nothing of a browser when they are read. */
export function pageFunctions(names: readonly string[], ...parts: readonly string[]): Functions {
  return new Function(`"use strict";${parts.join("")};return { ${names.join()} };`)();
}
