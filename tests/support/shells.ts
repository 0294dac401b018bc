/** Asks real shells what they offer for the beginning of a command line. */
import { findDebianProgram } from "./debian_program.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;

export const FISH = { names: ["fish"], variable: "FISH_BIN", package: "fish" };
export const ZSH = { names: ["zsh"], variable: "ZSH_BIN", package: "zsh" };

export type Shell = typeof SHELLS[number];

/**
 * The words that the shell offers when the tab key is pressed after `line`, sorted. `script` is the file that it sources
 * first, `folder` the working folder.
 */
export async function offered(
  shell: Shell,
  script: string,
  line: string,
  folder: string,
): Promise<string[]> {
  const words = await ASK[shell](script, line, folder);
  // Some shells offer the flag again with the value.
  return words.map((word) => word.trim().replace(/^--[^=]+=(?=.)/, "")).sort();
}

const ASK: Record<Shell, (script: string, line: string, folder: string) => Promise<string[]>> = {
  bash: askBash,
  zsh: askZsh,
  fish: askFish,
};

/** Calls the function that the script registers as bash does. */
async function askBash(script: string, line: string, folder: string): Promise<string[]> {
  const words = line.replaceAll("=", " = ").split(" ").filter((word) => word !== "");
  if (/[ =]$/.test(line)) words.push("");
  const program = `source "$1"; shift
complete -p tributary > /dev/null || exit 1
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_tributary 2>&1
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ["--norc", "--noprofile", "-c", program, "bash", script, ...words];
  return lines(await output("bash", args, folder));
}

async function askFish(script: string, line: string, folder: string): Promise<string[]> {
  const fish = await findDebianProgram(FISH);
  const program = "source $argv[1]; complete -C $argv[2]";
  const args = ["--no-config", "--command", program, script, line];
  return lines(await output(fish, args, folder)).map((text) => text.split("\t")[0]!);
}

/** zsh completes only where somebody types: in a terminal that another zsh makes. */
async function askZsh(script: string, line: string, folder: string): Promise<string[]> {
  const zsh = await findDebianProgram(ZSH);
  const text = await output(zsh, ["-f", "-c", ZSH_OUTSIDE, zsh, script, line, ZSH_INSIDE], folder);
  const report = /<<\r?\n([^]*)>>/.exec(text)?.[1];
  if (report === undefined) throw new Error(`zsh did not complete "${line}": ${text}`);
  return lines(report);
}

/** Types into the inner zsh: first the way it shall complete, then, once its prompt shows, the line and a tab. */
const ZSH_OUTSIDE = `zmodload zsh/zpty
export COMPLETION_SCRIPT=$1
zpty inner $0 -f -i
file=$(mktemp)
print -r -- $3 > $file
zpty -w inner "source $file"
zpty -r inner text '*<ready>*'
zpty -w -n inner $2$'\\t'
while zpty -r inner text; do print -rn -- $text; done
rm $file`;

/** Prints what is offered instead of offering it, between \`<<\` and \`>>\`, and ends. */
const ZSH_INSIDE = `autoload -Uz compinit
compinit -u -D
source $COMPLETION_SCRIPT
bindkey '^I' complete-word
zstyle ':completion:*' insert-tab false
begin() { print -r -- '<<' }
finish() { print -r -- '>>'; exit }
compprefuncs=(begin)
comppostfuncs=(finish)
compadd() {
  if [[ \${@[1,(i)(-|--)]} != *-(O|A|D)\\ * ]]; then
    local -a hits
    builtin compadd -A hits "$@"
    print -rl -- \${(Q)hits}
  fi
  builtin compadd "$@"
}
PROMPT='<rea''dy>'`;

function lines(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== "");
}

async function output(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const complaint = decoder.decode(stderr);
  if (!success || complaint !== "") throw new Error(`${program}: ${complaint}`);
  return decoder.decode(stdout);
}
