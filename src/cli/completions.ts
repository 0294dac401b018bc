import { bashCompletion } from "./completion/bash.ts";
import { fishCompletion } from "./completion/fish.ts";
import { zshCompletion } from "./completion/zsh.ts";
import { EXIT, type Verb } from "./verb.ts";
import { type VerbForm, verbForms } from "./verb_forms.ts";

/** The script of each shell. */
const SCRIPTS: Readonly<Record<string, Script>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

type Script = (
  verbs: readonly VerbForm[],
  groups: Readonly<Record<string, string>>,
) => string;

const SHELLS = Object.keys(SCRIPTS);

/** `tributary completions`. */
export const completions: Verb = {
  name: "completions",
  summary: "Print a script that completes commands in bash, zsh or fish",
  example: "tributary completions bash > ~/.local/share/bash-completion/completions/tributary",
  moreExamples: [
    'tributary completions zsh > "${fpath[1]}/_tributary"',
    "tributary completions fish > ~/.config/fish/completions/tributary.fish",
  ],
  settings: "none",
  arguments: [{ name: "<shell>", description: SHELLS.join(", "), words: SHELLS }],
  async run({ host, args: [shell] }) {
    // The table has this verb in it.
    const { GROUPS, VERBS } = await import("./verbs.ts");
    host.stdout.write(SCRIPTS[shell!]!(verbForms(VERBS), GROUPS));
    return EXIT.done;
  },
};
