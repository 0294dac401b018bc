import assert from "node:assert/strict";
import { wantsColours } from "../../../src/cli/colours.ts";
import { fakeHost } from "../../support/fake_host.ts";

function wants(isTerminal: boolean, env: Record<string, string>): boolean {
  return wantsColours({ isTerminal }, fakeHost({ env }).host);
}

Deno.test("wantsColours follows the terminal, and what its user wants", () => {
  assert.equal(wants(true, { TERM: "xterm" }), true);
  assert.equal(wants(false, { TERM: "xterm" }), false);
  assert.equal(wants(true, { TERM: "dumb" }), false);
  assert.equal(wants(true, { NO_COLOR: "1" }), false);
  assert.equal(wants(true, { NO_COLOR: "" }), true);
  assert.equal(wants(false, { FORCE_COLOR: "1", NO_COLOR: "1" }), true);
  for (const no of ["0", "false"]) assert.equal(wants(true, { FORCE_COLOR: no }), false);
});
