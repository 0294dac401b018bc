import assert from "node:assert/strict";
import { join } from "node:path";
import { runProgram } from "../support/program.ts";
import { offered, SHELLS } from "../support/shells.ts";

/** The beginning of a line, and what must be offered after it. */
const CASES: readonly (readonly [string, readonly string[]])[] = [
  ["tributary po", ["position"]],
  ["tributary lock ", ["hold", "release", "show"]],
  ["tributary completions ", ["bash", "fish", "zsh"]],
  ["tributary run --form", ["--format"]],
  ["tributary run --format ", ["avro", "csv", "jsonl", "parquet"]],
  ["tributary run --format p", ["parquet"]],
  ["tributary config show --log-level=w", ["warn"]],
  ["tributary run --s3-force-path-style=", ["false", "true"]],
  ["tributary run --config trib", ["tributary lake.yaml", "tributary.yaml"]],
  ["tributary run --batch-size 5", []],
  ["tributary version --li", ["--licenses"]],
  ["tributary health --form", []],
  ["tributary --vers", ["--version"]],
  ["tributary position show --js", ["--json"]],
];

for (const shell of SHELLS) {
  Deno.test(`the executable makes ${shell} complete verbs, flags, their values and paths`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "tributary-completions-" });
    try {
      const { code, stdout } = await runProgram(["completions", shell]);
      assert.equal(code, 0);
      const script = join(folder, "script");
      await Deno.writeTextFile(script, stdout + "\n");
      for (const name of ["tributary.yaml", "tributary lake.yaml"]) {
        await Deno.writeTextFile(join(folder, name), "");
      }
      for (const [line, expected] of CASES) {
        assert.deepEqual(await offered(shell, script, line, folder), expected, line);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
