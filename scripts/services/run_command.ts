const ERROR_CHARS_SHOWN = 300;

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Kills the command. */
  readonly signal?: AbortSignal;
}

/** Runs a program to its end and answers what it printed. Throws with the end of its error output if it fails. */
export async function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const output = await new Deno.Command(program, {
    args: [...args],
    env: { ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }).output();
  const decoder = new TextDecoder();
  if (output.success) return decoder.decode(output.stdout).trim();
  const errors = decoder.decode(output.stderr).trim().slice(-ERROR_CHARS_SHOWN);
  throw new Error(`"${program} ${args.join(" ")}" failed with status ${output.code}: ${errors}`);
}
