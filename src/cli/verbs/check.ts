import { destinationUrl } from "../../config/resolve/destination_target.ts";
import type { Loaded } from "../../config/resolve/load.ts";
import { secretsOf } from "../../config/secrets.ts";
import type { Finding } from "../../support/check_result.ts";
import { redactAll } from "../../support/redact.ts";
import { runLine } from "../text/run_line.ts";
import { withSurroundings } from "../with_app.ts";
import { configOrExplain, EXIT, PLACE_SETTINGS, type Verb } from "../verb.ts";

/** How states look on a terminal, and in plain words elsewhere. */
const MARKS = {
  ok: ["✓", "ok"],
  warning: ["!", "warning"],
  failed: ["✗", "failed"],
} as const;

const WORD_WIDTH = Math.max(...Object.values(MARKS).map(([, word]) => word.length));

/** `tributary check`. */
export const check: Verb = {
  name: "check",
  summary: "Look whether MongoDB, the destination and Redis fit a run",
  example: "tributary check --mongodb-uri mongodb://db1/ --destination s3://lake/shop",
  settings: "all",
  shownSettings: PLACE_SETTINGS,
  options: [{ flags: "--json", description: "print JSON" }],
  async run(context) {
    const { host, options } = context;
    const loaded = configOrExplain(context);
    if (loaded === undefined) return EXIT.usage;
    const { config } = loaded;
    return await withSurroundings(host, async (around) => {
      const secrets = secretsOf(config);
      const found = [...idleFindings(loaded), ...await around.app.check(config, around)];
      const findings = found.map((each) => ({ ...each, text: redactAll(each.text, secrets) }));
      const failed = findings.filter(({ state }) => state === "failed").length;
      host.stdout.write(
        options.has("json") ? jsonText(findings, failed) : table(findings, host.stdout.isTerminal) +
          verdict(failed, destinationUrl(config.destination), context.settingFlags),
      );
      return failed === 0 ? EXIT.done : EXIT.preflight;
    });
  },
};

function idleFindings({ loaded: { idle, emptied } }: { readonly loaded: Loaded }): Finding[] {
  const texts = idle.map(({ name, instead }) =>
    `${name} is a variable of another system and does nothing here; ${instead}`
  );
  return [...texts, ...emptied].map((text) => ({ subject: "Settings", state: "warning", text }));
}

function table(findings: readonly Finding[], isTerminal: boolean): string {
  const width = Math.max(...findings.map(({ subject }) => subject.length));
  return findings.map(({ subject, state, text }) => {
    const [sign, word] = MARKS[state];
    const mark = isTerminal ? sign : word.padEnd(WORD_WIDTH);
    return `${mark}  ${subject.padEnd(width)}  ${text}\n`;
  }).join("");
}

function verdict(
  failed: number,
  url: string,
  flags: ReadonlyMap<string, string>,
): string {
  if (failed === 0) return `Ready to stream into ${url}: ${runLine(flags)}\n`;
  return failed === 1 ? "1 check failed.\n" : `${failed} checks failed.\n`;
}

function jsonText(findings: readonly Finding[], failed: number): string {
  const checks = findings.map(({ subject, state, text }) => ({ subject, state, text }));
  return JSON.stringify({ ok: failed === 0, checks }, null, 2) + "\n";
}
