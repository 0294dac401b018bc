import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { VERSION } from "../../../../src/support/version.ts";
import { runFake } from "../../../support/fake_host.ts";

Deno.test("version prints what the program is and runs on", async () => {
  const { code, stdout } = await runFake("version");
  const lines = `deno 2.9.6\nv8 15.0\ntarget x86_64-unknown-linux-gnu\n`;
  assert.deepEqual([code, stdout], [0, `tributary ${VERSION}\n${lines}`]);
});

Deno.test("version --licenses prints the notices that lie beside the code", async () => {
  const url = new URL("../../../../src/cli/verbs/third_party_notices.txt", import.meta.url);
  const files = new Map([[fileURLToPath(url), "Terms of somebody.\n"]]);
  const { code, stdout } = await runFake("version --licenses", { files });
  assert.deepEqual([code, stdout], [0, "Terms of somebody.\n"]);
});

Deno.test("version --licenses says where there are no notices", async () => {
  const { code, stderr } = await runFake("version --licenses");
  assert.equal(code, 1);
  assert.match(stderr, /Only an executable brings its notices/);
});
