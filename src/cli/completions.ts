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

/** `tributary completions` for these verbs, of which it is one itself; `groups` say what the first words of two-word verbs stand for. */
export function completionsOf(
  verbs: () => readonly Verb[],
  groups: Readonly<Record<string, string>>,
): Verb {
  return {
    name: "completions",
    summary: "Print a script that completes commands in bash, zsh or fish",
    example: "tributary completions bash > ~/.local/share/bash-completion/completions/tributary",
    moreExamples: [
      'tributary completions zsh > "${fpath[1]}/_tributary"',
      "tributary completions fish > ~/.config/fish/completions/tributary.fish",
    ],
    settings: "none",
    arguments: [{ name: "<shell>", description: SHELLS.join(", "), words: SHELLS }],
    run({ host, args: [shell] }) {
      host.stdout.write(SCRIPTS[shell!]!(verbForms(verbs()), groups));
      return Promise.resolve(EXIT.done);
    },
  };
}
