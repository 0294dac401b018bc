import { FILE_FLAGS } from "../config/schema.ts";

/** The command that runs with the same settings. Other flags than files may hold secrets, and are not said again. */
export function runLine(flags: ReadonlyMap<string, string>): string {
  const files = FILE_FLAGS.flatMap(([flag]) => {
    const path = flags.get(flag);
    return path === undefined ? [] : [` --${flag} ${shellWord(path)}`];
  });
  const rest = flags.size > files.length ? ", with the other flags of this check" : "";
  return `tributary run${files.join("")}${rest}`;
}

function shellWord(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
