import assert from "node:assert/strict";
import { EXIT, type Verb, type VerbContext } from "../../../src/cli/verb.ts";
import { VERBS } from "../../../src/cli/verbs.ts";
import { runFake } from "../../support/fake_host.ts";
import { assertGolden } from "../../support/golden_text.ts";

/** Of a terminal with 24 lines, where the prompt needs one. */
const HELP_LINES_MAX = 23;
const TERMINAL_COLUMNS = 80;

/** A verb that remembers what it was given. */
function probe(parts: Partial<Verb> = {}): { verb: Verb; seen: VerbContext[] } {
  const seen: VerbContext[] = [];
  const verb: Verb = {
    name: "probe",
    summary: "Look around",
    example: "tributary probe",
    settings: "all",
    options: [
      { flags: "--json", description: "print JSON" },
      { flags: "--since <TIME>", description: "from when" },
    ],
    arguments: [{ name: "[stream]", description: "which stream" }],
    run: (context) => {
      seen.push(context);
      return Promise.resolve(EXIT.preflight);
    },
    ...parts,
  };
  return { verb, seen };
}

/** Long lines are wrapped by the terminal. */
function linesOnScreen(text: string): number {
  return text.trimEnd().split("\n")
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / TERMINAL_COLUMNS)), 0);
}

Deno.test("runProgram's help is as in tests/golden/cli", async () => {
  for (const [name, line] of [["tributary", "--help"], ["config", "config --help"]] as const) {
    const { code, stdout } = await runFake(line);
    assert.equal(code, EXIT.done);
    assert(linesOnScreen(stdout) <= HELP_LINES_MAX, stdout);
    assertGolden(`cli/${name}.txt`, stdout);
  }
});

for (const { name, example } of VERBS) {
  Deno.test(`runProgram's help of ${name} fits a screen, has an example and is as in tests/golden/cli`, async () => {
    const { code, stdout } = await runFake(`${name} --help`);
    assert.equal(code, EXIT.done);
    assert(linesOnScreen(stdout) <= HELP_LINES_MAX, stdout);
    assert(stdout.includes(`Example: ${example}`));
    assert(example.startsWith(`tributary ${name}`));
    assertGolden(`cli/${name.replace(" ", "_")}.txt`, stdout);
  });
}

Deno.test("runProgram gives a verb its arguments, its options and the settings' flags", async () => {
  const { verb, seen } = probe();
  const line = "probe --json --batch-size 7 --s3-force-path-style --since now orders --format=csv";
  const env = { MONGODB_URI: "mongodb://h/", DESTINATION: "s3://lake" };
  const { code, stderr } = await runFake(line, { env }, [verb]);
  assert.equal(stderr, "");
  assert.equal(code, EXIT.preflight);
  assert.deepEqual(seen[0]?.args, ["orders"]);
  assert.deepEqual([...seen[0]!.options], [["json", true], ["since", "now"]]);
  const result = seen[0]!.loadConfig();
  assert(result.ok);
  assert.equal(result.config.batchRowsMax, 7);
  assert.equal(result.config.s3.forcePathStyle, true);
  assert.equal(result.config.encoding.format, "csv");
});

Deno.test("runProgram takes a flag's value as it stands, also one that looks like a flag or holds an =", async () => {
  const { verb, seen } = probe();
  await runFake("probe --mongodb-uri=mongodb://h/?a=b --instance-name=--x", {}, [verb]);
  const result = seen[0]!.loadConfig();
  assert(!result.ok);
  assert.deepEqual(result.faults.map((fault) => fault.setting), ["DESTINATION"]);
});

Deno.test("runProgram has --help-all list every flag, hidden ones too", async () => {
  const { verb } = probe();
  const short = (await runFake("probe --help", {}, [verb])).stdout;
  const { code, stdout } = await runFake("probe --help-all", {}, [verb]);
  assert.equal(code, EXIT.done);
  assert(!short.includes("--uploads-in-flight") && short.includes("tributary probe --help-all"));
  assert(stdout.includes("--uploads-in-flight <N>") && stdout.includes("--http-token-file <FILE>"));
  assert(stdout.includes("Batches and memory:") && stdout.includes("Default: 32MiB."));
});

Deno.test("runProgram explains wrong usage in two or three lines and ends with 2", async () => {
  for (
    const [line, expected] of [
      ["vresion", "unknown command 'vresion'\nDid you mean version?\nTry: tributary --help\n"],
      ["config shwo", "unknown command 'shwo'\nDid you mean show?\nTry: tributary config --help\n"],
      [
        "config show --uplods-in-flight 1",
        "unknown option '--uplods-in-flight'\nDid you mean --uploads-in-flight?\nTry: tributary config show --help\n",
      ],
      [
        "config show --formt=csv",
        "unknown option '--formt=csv'\nDid you mean --format?\nTry: tributary config show --help\n",
      ],
      ["version --frobnicate", "unknown option '--frobnicate'\nTry: tributary version --help\n"],
      [
        "version x",
        "too many arguments for 'version'. Expected 0 arguments but got 1: x.\nTry: tributary version --help\n",
      ],
      [
        "config init --output",
        "option '--output <FILE>' argument missing\nTry: tributary config init --help\n",
      ],
    ] as const
  ) {
    const { code, stdout, stderr } = await runFake(line);
    assert.deepEqual([code, stdout, stderr], [EXIT.usage, "", `tributary: ${expected}`]);
  }
});

Deno.test("runProgram shows the help on standard error where no verb is named", async () => {
  for (const line of ["", "config"]) {
    const { code, stdout, stderr } = await runFake(line);
    assert.deepEqual([code, stdout], [EXIT.usage, ""]);
    assert.match(stderr, /^Usage: tributary/);
  }
});

Deno.test("runProgram shows no secret of a wrong command line", async () => {
  const { stderr } = await runFake("config show --mongodb-urii=mongodb://ann:hunter22@h/");
  assert.doesNotMatch(stderr, /hunter22/);
});

Deno.test("runProgram says what made a verb fail, without secrets, and ends with 1", async () => {
  const { verb } = probe({
    run: () => Promise.reject(new Error("Cannot reach mongodb://ann:hunter22@h/")),
  });
  const { code, stderr } = await runFake("probe", {}, [verb]);
  assert.deepEqual([code, stderr], [
    EXIT.failed,
    "tributary: Cannot reach mongodb://***@h/\n",
  ]);
});

Deno.test("runProgram knows -V and --version", async () => {
  const { code, stdout } = await runFake("--version");
  assert.equal(code, EXIT.done);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});
