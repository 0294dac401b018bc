import type { EffectiveSetting } from "../config/effective.ts";
import { configOrExplain, EXIT, PLACE_SETTINGS, type Verb } from "./verb.ts";

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
    const { effectiveSettings } = await import("../config/effective.ts");
    const settings = effectiveSettings(result.config, result.loaded);
    const text = context.options.has("json")
      ? JSON.stringify(settings, null, 2) + "\n"
      : table(settings);
    context.host.stdout.write(text);
    for (const { name, instead } of result.loaded.idle) {
      context.host.stderr.write(`${name} does nothing here: ${instead}\n`);
    }
    return EXIT.done;
  },
};

function table(settings: readonly EffectiveSetting[]): string {
  const rows = settings.map(({ name, value, origin }) => [name, value ?? "-", origin] as const);
  const nameWidth = Math.max(...rows.map(([name]) => name.length));
  const valueWidth = Math.min(40, Math.max(...rows.map(([, value]) => value.length)));
  return rows.map(([name, value, origin]) =>
    `${name.padEnd(nameWidth)}  ${value.padEnd(valueWidth)}  ${origin}\n`
  ).join("");
}
