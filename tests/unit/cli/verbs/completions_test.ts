import assert from "node:assert/strict";
import { EXIT } from "../../../../src/cli/verb.ts";
import { runFake } from "../../../support/fake_host.ts";

Deno.test("completions prints a script for each shell, with every verb in it", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout, stderr } = await runFake(`completions ${shell}`);
    assert.deepEqual([code, stderr], [EXIT.done, ""]);
    for (const word of ["completions", "retire", "schema", "adopt", "parquet"]) {
      assert(stdout.includes(word), `${shell}: ${word}`);
    }
  }
});

Deno.test("completions names the shells that there are", async () => {
  for (const line of ["completions csh", "completions"]) {
    const { code, stdout, stderr } = await runFake(line);
    assert.deepEqual([code, stdout], [EXIT.usage, ""]);
    assert.match(stderr, /Try: tributary completions --help\n$/);
  }
  assert.match((await runFake("completions csh")).stderr, /bash, zsh, fish/);
});
