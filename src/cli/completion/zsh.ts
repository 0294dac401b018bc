import type { VerbArgument } from "../verb.ts";
import { type FlagForm, HELP_FLAG, ROOT_FLAGS, type VerbForm } from "../verb_forms.ts";
import { alike, firstWords, groupWords, subVerbs } from "./lists.ts";

/** A script for a folder of `fpath`, where its name must be `_tributary`; or to be sourced. */
export function zshCompletion(
  verbs: readonly VerbForm[],
  groups: Readonly<Record<string, string>>,
): string {
  return `#compdef tributary
# Completes the command lines of tributary in zsh. Made by: tributary completions zsh

_tributary() {
  local verb
  local -a offered settings
  if ((CURRENT == 2)); then
    offered=(
${items(firstWords(verbs, groups))}
    )
    _tributary_first${specs(ROOT_FLAGS, "")}
    return
  fi
  verb=$words[2]
  shift words
  ((CURRENT--))
  case $verb in
    ${groupWords(verbs).join("|")})
      if ((CURRENT == 2)); then
        _tributary_$verb
        return
      fi
      verb+=" $words[2]"
      shift words
      ((CURRENT--))
      ;;
  esac
  case $verb in
${settingCases(verbs)}
  esac
  case $verb in
${verbs.map(verbCase).join("\n")}
  esac
}
${groupWords(verbs).map((group) => groupFunction(verbs, group)).join("")}
# One of the words of $offered, or a flag.
_tributary_first() {
  if [[ $PREFIX == -* ]]; then
    _arguments $@
  else
    _describe -t verbs verb offered
  fi
}

if [[ $funcstack[1] == _tributary ]]; then
  _tributary "$@"
else
  compdef _tributary tributary
fi
`;
}

function groupFunction(verbs: readonly VerbForm[], group: string): string {
  return `
_tributary_${group}() {
  local -a offered=(
${items(subVerbs(verbs, group))}
  )
  _tributary_first${specs([HELP_FLAG], "")}
}
`;
}

function items(described: readonly (readonly [string, string])[]): string {
  return described.map(([word, text]) => `      ${quoted(`${word}:${text}`)}`).join("\n");
}

function settingCases(verbs: readonly VerbForm[]): string {
  return alike(verbs, ({ settingFlags }) => specs(settingFlags, "\n        "))
    .filter(([list]) => list !== "")
    .map(([list, group]) =>
      `    ${
        group.map(({ name }) => quotedName(name)).join("|")
      })\n      settings=(${list}\n      )\n      ;;`
    ).join("\n");
}

function verbCase({ name, ownFlags, arguments: args }: VerbForm): string {
  const before = " \\\n        ";
  const list = specs(ownFlags, before) + args.map((each) => before + argumentSpec(each)).join("");
  return `    ${quotedName(name)})\n      _arguments $settings${list}\n      ;;`;
}

function specs(flags: readonly FlagForm[], before: string): string {
  return flags.map((flag) => (before || " ") + flagSpec(flag)).join("");
}

/** `--format=[the format]:FORMAT:(parquet jsonl)`, as \`_arguments\` takes it. */
function flagSpec({ name, summary, value }: FlagForm): string {
  const text = `[${summary.replace(/[[\]]/g, "\\$&")}]`;
  if (value === undefined) return quoted(`${name}${text}`);
  const colons = value.optional ? "::" : ":";
  return quoted(`${name}=${text}${colons}${value.placeholder}:${action(value.from)}`);
}

function argumentSpec({ name, words }: VerbArgument): string {
  const bare = name.slice(1, -1).replace("...", "");
  const place = name.includes("...") ? "*" : name.startsWith("[") ? ":" : "";
  return quoted(`${place}:${bare}:${action(words ?? "anything")}`);
}

function action(from: readonly string[] | "file" | "anything"): string {
  if (from === "file") return "_files";
  return from === "anything"
    ? " "
    : `(${from.map((word) => word.replaceAll(":", "\\:")).join(" ")})`;
}

function quotedName(name: string): string {
  return name.includes(" ") ? quoted(name) : name;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
