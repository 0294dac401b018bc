import type { EffectiveSetting } from "../../config/show/effective.ts";
import { configOrExplain, EXIT, PLACE_SETTINGS, type Verb } from "../verb.ts";

/** `tributary config show`. */
export const configShow: Verb = {
  name: "config show",
  summary: "Print every setting in effect and where it comes from",
  example: "tributary config show --config tributary.yaml",
  settings: "all",
  shownSettings: PLACE_SETTINGS,
  options: [{ flags: "--json", description: "print JSON" }],
  async run(context) {
    const result = configOrExplain(context);
    if (result === undefined) return EXIT.usage;
    const { effectiveSettings } = await import("../../config/show/effective.ts");
    const settings = effectiveSettings(result.config, result.loaded);
    const { stdout } = context.host;
    const text = context.options.has("json")
      ? JSON.stringify(settings, null, 2) + "\n"
      : table(settings, stdout.isTerminal ? stdout.columns : undefined);
    stdout.write(text);
    for (const { name, instead } of result.loaded.idle) {
      context.host.stderr.write(`${name} does nothing here: ${instead}\n`);
    }
    for (const text of result.loaded.emptied) context.host.stderr.write(`${text}\n`);
    return EXIT.done;
  },
};

/** A line for each setting. On a terminal that is too narrow for one, the value goes on below itself, and then its origin. */
function table(settings: readonly EffectiveSetting[], columns: number | undefined): string {
  const rows = settings.map(({ name, value, origin }) => [name, value ?? "-", origin] as const);
  const nameWidth = Math.max(...rows.map(([name]) => name.length));
  const valueWidth = Math.min(
    VALUE_WIDTH_MAX,
    Math.max(...rows.map(([, value]) => value.length)),
  );
  return rows.map(([name, value, origin]) => {
    const line = `${name.padEnd(nameWidth)}  ${value.padEnd(valueWidth)}  ${origin}`;
    if (columns === undefined || line.length <= columns) return `${line}\n`;
    const room = Math.max(VALUE_WIDTH_MIN, columns - nameWidth - 2);
    const [first, ...rest] = [...piecesOf(value, room), ...piecesOf(origin, room)];
    const below = " ".repeat(nameWidth + 2);
    return `${name.padEnd(nameWidth)}  ${first}\n${
      rest.map((each) => `${below}${each}\n`).join("")
    }`;
  }).join("");
}

const VALUE_WIDTH_MAX = 40;
const VALUE_WIDTH_MIN = 20;

/** Cut after so many characters, wherever that is: an address or a pattern has no blanks. */
function piecesOf(text: string, width: number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += width) pieces.push(text.slice(at, at + width));
  return pieces;
}
