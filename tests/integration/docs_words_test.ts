import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { flagName } from "../../src/config/table/setting.ts";
import { SETTING_NAMES, VARIABLES } from "../../src/config/table/schema.ts";
import { GROUPS, VERBS } from "../../src/cli/verbs.ts";
import type { Verb } from "../../src/cli/verb.ts";
import { METRIC_NAMES } from "../support/docs/metric_names.ts";
import { anchorsOf, isRun, needOf, type Page, readPages } from "../support/docs/pages.ts";
import { readSources, ROOT } from "../support/tidy/source_file.ts";

const PAGES = readPages();

/** Languages of blocks that somebody would type in. */
const COMMANDS = ["sh", "sql", "js", "python"];

/** Names with an underscore that belong to others: the AWS SDK, Deno, other programs; and all of `OTEL_`. */
const FOREIGN_NAMES = [
  ...["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "TRIBUTARY_CONFIG"],
  ...["DENO_TLS_CA_STORE", "SSL_CERT_FILE", "LEASE_PID"],
];
/** Pages that are about other programs' names, or about the code. */
const OTHERS_NAMES = ["docs/migration.md", "docs/extending.md", "docs/security.md"];

function page(path: string): Page {
  return PAGES.find((each) => each.path === path) ?? assert.fail(path);
}

Deno.test("every command in the docs is run by a test or says what it needs", () => {
  const unmarked = PAGES.flatMap(({ fences }) => fences).filter((fence) =>
    COMMANDS.includes(fence.language) && !isRun(fence) && needOf(fence) === undefined
  );
  assert.deepEqual(unmarked.map(({ place }) => place), []);
});

Deno.test("docs/README.md tells how many commands are run by tests and what the others need", () => {
  const counts = new Map<string, number>();
  for (const fence of PAGES.flatMap(({ fences }) => fences)) {
    if (!COMMANDS.includes(fence.language)) continue;
    const key = isRun(fence) ? "run by tests" : needOf(fence)!;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const run = `| run by tests | ${counts.get("run by tests")} |`;
  counts.delete("run by tests");
  const others = [...counts].sort().map(([need, count]) => `| need ${need} | ${count} |`);
  const table = ["| blocks | |", "|---|---|", run, ...others].join("\n");
  assert(page("docs/README.md").text.includes(`\n${table}\n`), `it must say:\n${table}`);
});

Deno.test("links in the docs lead to pages and headings that are there", () => {
  for (const { path, text } of PAGES) {
    const prose = text.replaceAll(/```[^]*?```/g, "");
    for (const [, target] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target!)) continue;
      const [file, anchor] = target!.split("#");
      const to = file === "" ? path : join(dirname(path), file!);
      assert(statOrUndefined(to) !== undefined, `${path} links to ${target}`);
      if (anchor === undefined) continue;
      const anchors = anchorsOf(page(to));
      assert(anchors.includes(anchor), `${path} links to ${target}: ${anchors.join(" ")}`);
    }
  }
});

function statOrUndefined(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(ROOT + path);
  } catch {
    return undefined;
  }
}

Deno.test("the docs name settings that there are", () => {
  const known = new Set([...VARIABLES.keys(), ...FOREIGN_NAMES]);
  for (const { path, text } of PAGES) {
    if (OTHERS_NAMES.includes(path)) continue;
    for (const [, name] of text.matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=[^`]*)?`/g)) {
      if (name!.startsWith("OTEL_")) continue;
      assert(known.has(name!), `${path}: ${name} is no setting`);
    }
  }
});

Deno.test("docs/migration.md names settings that there are in its second columns", () => {
  const rows = page("docs/migration.md").text.split("\n").filter((line) => line.startsWith("| "));
  for (const row of rows) {
    const cells = row.split("|");
    for (const [, name] of (cells[2] ?? "").matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=[^`]*)?`/g)) {
      assert(VARIABLES.has(name!), `${row}: ${name} is no setting`);
    }
  }
});

Deno.test("the docs name verbs and flags that there are", () => {
  for (const { path, text } of PAGES) {
    for (const [call] of text.matchAll(/(?<=^|[`$({ ])tributary [a-z][^\n`|]*/gm)) {
      if (!isCommandLine(text, call)) continue;
      const verb = verbOf(call);
      assert(verb !== undefined, `${path}: ${call}`);
      for (const [flag] of call.matchAll(/--[a-z-]+/g)) {
        assert(flagsOf(verb).includes(flag), `${path}: ${call}: ${flag}`);
      }
    }
  }
});

/** "tributary reads ..." is a sentence, `tributary verify` and lines of blocks are commands. */
function isCommandLine(text: string, call: string): boolean {
  const at = text.indexOf(call);
  return text[at - 1] === "`" || (inFence(text, at) && /(^|[{;(] ?)$/.test(lineBefore(text, at)));
}

function lineBefore(text: string, at: number): string {
  return text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
}

function inFence(text: string, at: number): boolean {
  return (text.slice(0, at).match(/^```/gm)?.length ?? 0) % 2 === 1;
}

function verbOf(call: string): Verb | undefined {
  const [, first, second] = call.split(/\s+/);
  const name = Object.hasOwn(GROUPS, first!) ? `${first} ${second}` : first!;
  // `pause|resume` and the like stand for several.
  return VERBS.find((verb) => verb.name === name.split("|")[0]);
}

function flagsOf({ options = [], settings }: Verb): string[] {
  const names = settings === "all" ? SETTING_NAMES : settings === "none" ? [] : settings;
  return [
    ...["--help", "--help-all", "--config", "--env-file"],
    ...options.flatMap(({ flags }) => flags.match(/--[a-z-]+/g) ?? []),
    ...names.flatMap((name) => [`--${flagName(name)}`, `--${flagName(name)}-file`]),
  ];
}

Deno.test("docs/troubleshooting.md quotes messages that the program has", () => {
  const sources = readSources("src").map(({ text }) => text).join("\n");
  const [, messages] = page("docs/troubleshooting.md").text.split("## By message");
  const quoted = messages!.split("\n").map((line) => /^\| `((?:\\`|[^`])+)` \|/.exec(line)?.[1])
    .filter((text) => text !== undefined).map((text) => text.replaceAll("\\`", "`"));
  assert(quoted.length > 50, "the tables are not found");
  assert.deepEqual(quoted.filter((text) => !sources.includes(text)), []);
});

Deno.test("docs/troubleshooting.md says where to begin for each alert", () => {
  const { groups } = parse(Deno.readTextFileSync(`${ROOT}deploy/prometheus/alerts.yaml`));
  const names: string[] = groups[0].rules.map(({ alert }: { alert: string }) => alert);
  const [, table] = page("docs/troubleshooting.md").text.split(/^## By .*$/m).slice(1);
  const told = table!.match(/(?<=`)Tributary\w+(?=`)/g)!;
  assert.deepEqual([...told].sort(), [...names].sort());
});

Deno.test("the docs name metrics that there are", () => {
  for (const { path, text } of PAGES) {
    for (const [, name] of text.matchAll(/`([a-z_]+_(?:total|seconds|bytes|up))`/g)) {
      assert(METRIC_NAMES.includes(name!), `${path}: ${name} is no metric`);
    }
  }
});
