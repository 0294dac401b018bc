import assert from "node:assert/strict";
import { VERSION } from "../../../src/support/version.ts";
import { runFake } from "../../support/fake_host.ts";

Deno.test("version prints what the program is and runs on", async () => {
  const { code, stdout } = await runFake("version");
  const lines = `deno 2.9.6\nv8 15.0\ntarget x86_64-unknown-linux-gnu\n`;
  assert.deepEqual([code, stdout], [0, `tributary ${VERSION}\n${lines}`]);
});
