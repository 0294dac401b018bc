import { type FlagForm, ROOT_FLAGS, type VerbForm } from "../verb_forms.ts";

/** The items by what `text` says of them, in the order in which the texts come up. */
export function alike<T>(items: readonly T[], text: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = text(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups];
}

/** Each flag that some verb has, once. A flag means the same wherever it is. */
export function flagsByName(verbs: readonly VerbForm[]): FlagForm[] {
  const flags = [
    ...ROOT_FLAGS,
    ...verbs.flatMap((verb) => [...verb.ownFlags, ...verb.settingFlags]),
  ];
  return [...new Map(flags.map((flag) => [flag.name, flag])).values()];
}

/** What the first word may be, with what the verb or the group does. */
export function firstWords(
  verbs: readonly VerbForm[],
  groups: Readonly<Record<string, string>>,
): [string, string][] {
  const described = verbs.map(({ name, summary }): [string, string] => {
    const [first] = name.split(" ");
    return first === name ? [name, summary] : [first!, groups[first!] ?? ""];
  });
  return [...new Map(described)];
}

/** The first words of the verbs that have two. */
export function groupWords(verbs: readonly VerbForm[]): string[] {
  const words = verbs.map(({ name }) => name.split(" ")).filter((each) => each.length > 1);
  return [...new Set(words.map(([first]) => first!))];
}

/** The second words that may follow the first, with what the verbs do. */
export function subVerbs(verbs: readonly VerbForm[], group: string): [string, string][] {
  return verbs.filter(({ name }) => name.startsWith(`${group} `))
    .map(({ name, summary }) => [name.slice(group.length + 1), summary]);
}
