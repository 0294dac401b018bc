import { fileURLToPath } from "node:url";
import type { BenchOptions } from "./options.ts";

const ROOT = new URL("../../", import.meta.url);
const V8_FLAGS = "--v8-flags=";

/** What is measured. */
export interface OwnCommand {
  /** The command line of `tributary run`. */
  readonly words: readonly string[];
  /** For whoever reads the figures: the program, without the places where this machine has it. */
  readonly text: string;
}

/** The executable that the options name, or else what `deno task start` runs. */
export async function ownCommand(
  { program, v8Flags }: Pick<BenchOptions, "program" | "v8Flags">,
): Promise<OwnCommand> {
  if (program !== undefined) return { words: [program, "run"], text: program };
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const [deno, ...args] = startWords(tasks.start, v8Flags);
  return {
    words: [Deno.execPath(), ...args.map(inRoot), "run"],
    text: [deno, ...args].join(" "),
  };
}

/** The words of the task `start`; with `v8Flags` it has these in place of its own. */
export function startWords(task: string, v8Flags?: string): string[] {
  const words = task.split(" ");
  if (v8Flags === undefined) return words;
  const others = words.filter((word) => !word.startsWith(V8_FLAGS));
  const flag = v8Flags === "" ? [] : [V8_FLAGS + v8Flags];
  return [...others.slice(0, 2), ...flag, ...others.slice(2)];
}

/** Tasks run in the project's folder, what is measured may not. */
function inRoot(word: string): string {
  return word === "main.ts" ? fileURLToPath(new URL(word, ROOT)) : word;
}
