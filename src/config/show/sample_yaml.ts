import { setting, SETTING_NAMES } from "../table/schema.ts";
import { SECTIONS, type Setting, yamlKey } from "../table/setting.ts";

const LINE_WIDTH = 100;

/** What a value may look like in the sample, where a setting has no default. */
const EXAMPLES: Readonly<Record<string, string>> = {
  MONGODB_URI: '"${MONGODB_URI}"',
  DESTINATION: '"${DESTINATION}"',
};

const STAGES_SAMPLE = `# --- Transformations ---

# Aggregation stages that MongoDB runs on every event, in Extended JSON.
# pipeline:
#   - $match: { operationType: { $in: [insert, update, replace, delete] } }
#   - $unset: [fullDocument.password]
`;

/** A configuration file with every setting in it: the required ones filled in, the others as remarks with defaults. */
export function sampleYaml(): string {
  const head =
    "# The configuration of tributary. Flags override the environment, which overrides this file.\n" +
    "# ${NAME} is the environment variable NAME, ${NAME:-text} the same with a default.\n";
  const sections = SECTIONS.map((section) => {
    const names = SETTING_NAMES.filter((name) => setting(name).section === section);
    return [`# --- ${section} ---`, ...names.map((name) => entry(name, setting(name)))].join(
      "\n\n",
    );
  });
  return [head, sections.join("\n\n") + "\n", STAGES_SAMPLE].join("\n");
}

function entry(name: string, { description, kind, default: text, defaultNote }: Setting): string {
  const note = text ?? defaultNote ?? "none";
  const remark = wrap(`${description} Allowed: ${kind.allowed}. Default: ${note}.`);
  const example = EXAMPLES[name];
  if (example !== undefined) return `${remark}\n${yamlKey(name)}: ${example}`;
  return `${remark}\n# ${yamlKey(name)}: ${
    text === undefined ? "" : JSON.stringify(kind.fromText(text))
  }`
    .trimEnd();
}

function wrap(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line.length + word.length + 3 > LINE_WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.map((line) => `# ${line}`).join("\n");
}
