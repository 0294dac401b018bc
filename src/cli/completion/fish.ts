import { type FlagForm, ROOT_FLAGS, type VerbForm } from "../verb_forms.ts";
import { firstWords, flagsByName, groupWords, subVerbs } from "./lists.ts";

/** A script for fish's folder of completions, or to be sourced. */
export function fishCompletion(
  verbs: readonly VerbForm[],
  groups: Readonly<Record<string, string>>,
): string {
  const lines = [
    ...firstWords(verbs, groups).map(([word, text]) => verbLine("", word, text)),
    ...groupWords(verbs).flatMap((group) =>
      subVerbs(verbs, group).map(([word, text]) => verbLine(group, word, text))
    ),
    ...verbs.flatMap(({ name, arguments: [first] }) =>
      (first?.words ?? []).map((word) => verbLine(name, word, ""))
    ),
    ...flagsByName(verbs).map((flag) => flagLine(flag, verbs)),
  ];
  return `# Completes the command lines of tributary in fish. Made by: tributary completions fish

# Whether the words before the cursor begin with those of one of the verbs.
function __tributary_verb
    set -l words (commandline -opc)[2..]
    for verb in $argv
        set -l count (count (string split ' ' -- $verb))
        test (count $words) -ge $count; and test "$words[1..$count]" = $verb; and return 0
    end
    return 1
end

# Whether the words before the cursor are these and no more.
function __tributary_words
    set -l words (commandline -opc)[2..]
    test "$words" = "$argv"
end

complete -c tributary -f
${lines.join("\n")}
`;
}

/** A word that may follow these. */
function verbLine(before: string, word: string, text: string): string {
  const described = text === "" ? "" : ` -d ${quoted(text)}`;
  return `complete -c tributary -n ${
    quoted(`__tributary_words ${before}`.trim())
  } -a ${word}${described}`;
}

function flagLine({ name, summary, value }: FlagForm, verbs: readonly VerbForm[]): string {
  const takers = verbs.filter((verb) =>
    [...verb.ownFlags, ...verb.settingFlags].some((each) => each.name === name)
  );
  const isEverywhere = takers.length === verbs.length;
  const verbNames = takers.map((verb) => verb.name.includes(" ") ? `"${verb.name}"` : verb.name);
  const condition = isEverywhere
    ? ""
    : ROOT_FLAGS.some((flag) => flag.name === name)
    ? " -n __tributary_words"
    : ` -n ${quoted(`__tributary_verb ${verbNames.join(" ")}`)}`;
  return `complete -c tributary${condition} -l ${name.slice(2)}${valueOf(value)} -d ${
    quoted(summary)
  }`;
}

function valueOf(value: FlagForm["value"]): string {
  if (value === undefined) return "";
  if (value.from === "file") return " -r -F";
  if (value.from === "anything") return " -x";
  // fish has no way to say "the word after it, if it is one of these": \`--flag=word\` it is.
  return `${value.optional ? "" : " -x"} -a ${quoted(value.from.join(" "))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
