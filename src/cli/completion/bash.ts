import { type FlagForm, HELP_FLAG, ROOT_FLAGS, type VerbForm } from "../verb_forms.ts";
import { alike, flagsByName, groupWords, subVerbs } from "./lists.ts";

/** A script that bash sources. It needs nothing but bash 3.2, which macOS has. */
export function bashCompletion(verbs: readonly VerbForm[]): string {
  return `# Completes the command lines of tributary in bash. Made by: tributary completions bash

_tributary() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} verb= words= flags=
  # Bash makes three words of --flag=value.
  if [[ $word == "=" ]]; then
    word=
  elif [[ $before == "=" ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case $before in
${valueCases(verbs)}
  esac
  ((COMP_CWORD > 1)) && verb=\${COMP_WORDS[1]}
  case $verb in
    ${groupWords(verbs).join(" | ")}) ((COMP_CWORD > 2)) && verb+=" \${COMP_WORDS[2]}" ;;
  esac
  case $verb in
${wordCases(verbs)}
  esac
  case $verb in
${flagCases(verbs)}
  esac
  [[ $word == -* || -z $words ]] && words=$flags
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}

_tributary_files() {
  local IFS=$'\\n'
  compopt -o filenames 2> /dev/null
  COMPREPLY=($(compgen -f -- "$1"))
}

complete -F _tributary tributary
`;
}

/** What may follow a flag, the same for all verbs. */
function valueCases(verbs: readonly VerbForm[]): string {
  const flags = flagsByName(verbs).filter(({ value }) => value !== undefined);
  return alike(flags, valueCommands).map(([commands, group]) =>
    branch(group.map(({ name }) => name), commands)
  ).join("\n");
}

function valueCommands({ value }: FlagForm): string {
  const { from, optional } = value!;
  if (from === "anything") return "return";
  if (from === "file") return '_tributary_files "$word"; return';
  const offer = `COMPREPLY=($(compgen -W "${from.join(" ")}" -- "$word")); return`;
  // Without a value the next flag may follow at once.
  return optional ? `[[ $word == -* ]] || { ${offer}; }` : offer;
}

function wordCases(verbs: readonly VerbForm[]): string {
  const groups = groupWords(verbs);
  const names = new Set(verbs.map(({ name }) => name.split(" ")[0]));
  const choices = verbs.flatMap(({ name, arguments: [first] }) =>
    first?.words === undefined ? [] : [branch([name], `words="${first.words.join(" ")}"`)]
  );
  return [
    branch([""], `words="${[...names].join(" ")}"`),
    ...groups.map((group) =>
      branch([group], `words="${subVerbs(verbs, group).map(([word]) => word).join(" ")}"`)
    ),
    ...choices,
  ].join("\n");
}

function flagCases(verbs: readonly VerbForm[]): string {
  const settings = alike(verbs, ({ settingFlags }) => namesOf(settingFlags))
    .filter(([names]) => names !== "")
    .map(([names, group]) => branch(group.map(({ name }) => name), `flags="${names}"`));
  const own = alike(verbs, ({ ownFlags }) => namesOf(ownFlags))
    .map(([names, group]) => branch(group.map(({ name }) => name), `flags+=" ${names}"`));
  const root = branch([""], `flags="${namesOf(ROOT_FLAGS)}"`);
  const groups = branch(groupWords(verbs), `flags="${HELP_FLAG.name}"`);
  return [root, groups, ...settings, "  esac", "  case $verb in", ...own].join("\n");
}

function namesOf(flags: readonly FlagForm[]): string {
  return flags.map(({ name }) => name).join(" ");
}

function branch(patterns: readonly string[], commands: string): string {
  const quoted = patterns.map((text) => /^[a-z0-9-]+$/.test(text) ? text : `"${text}"`);
  return `    ${quoted.join(" | ")}) ${commands} ;;`;
}
