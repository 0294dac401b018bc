import { isOurs } from "./import_table.ts";
import type { Import } from "./source_file.ts";

/** The groups of files that import each other in a circle, types included: `a.ts b.ts` (Tarjan 1972, SIAM J. Comput. 1). */
export function circlesOf(imports: readonly Import[]): string[] {
  const targets = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    if (isOurs(to)) targets.set(from, (targets.get(from) ?? new Set()).add(to));
  }
  const state = {
    numbers: new Map<string, number>(),
    path: [] as string[],
    circles: [] as string[],
  };
  for (const file of targets.keys()) if (!state.numbers.has(file)) visit(file, targets, state);
  return state.circles;
}

interface Walk {
  /** In the order of visits; of files whose circle is known it is `Infinity`. */
  readonly numbers: Map<string, number>;
  readonly path: string[];
  readonly circles: string[];
}

/** Answers the lowest number that can be reached from the file. */
function visit(
  file: string,
  targets: ReadonlyMap<string, ReadonlySet<string>>,
  walk: Walk,
): number {
  const { numbers, path, circles } = walk;
  const own = numbers.size;
  numbers.set(file, own);
  path.push(file);
  let lowest = own;
  for (const target of targets.get(file) ?? []) {
    lowest = Math.min(lowest, numbers.get(target) ?? visit(target, targets, walk));
  }
  if (lowest < own) return lowest;
  const circle = path.splice(path.indexOf(file));
  for (const each of circle) numbers.set(each, Infinity);
  if (circle.length > 1) circles.push(circle.sort().join(" "));
  return Infinity;
}
