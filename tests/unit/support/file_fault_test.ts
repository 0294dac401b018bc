import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileFaultCode, isLastingFileFault } from "../../../src/support/file_fault.ts";

async function faultOf(path: string): Promise<unknown> {
  return await readFile(path).then(() => assert.fail(), (error: unknown) => error);
}

Deno.test("isLastingFileFault tells what a person must mend from what may pass", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const isFolder = await faultOf(folder);
    assert.equal(fileFaultCode(isFolder), "EISDIR");
    assert.equal(isLastingFileFault(isFolder), true);
    const missing = await faultOf(`${folder}/none`);
    assert.equal(fileFaultCode(missing), "ENOENT");
    assert.equal(isLastingFileFault(missing), false);
  } finally {
    await Deno.remove(folder);
  }
  assert.equal(isLastingFileFault(new Deno.errors.NotCapable("no")), true);
  assert.equal(isLastingFileFault(Object.assign(new Error("full"), { code: "ENOSPC" })), false);
  assert.equal(isLastingFileFault(undefined), false);
});
