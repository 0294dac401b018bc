import assert from "node:assert/strict";
import { runFake } from "../../support/fake_host.ts";

/** Nobody listens there, and the driver gives up soon. */
const NOWHERE = "mongodb://root:hidden-secret@127.0.0.1:1/?serverSelectionTimeoutMS=200";

Deno.test("run lists every fault of the configuration at once and exits with 2", async () => {
  const env = { MONGODB_URI: "postgres://x", BATCH_SIZE: "many", FORMAT: "xml" };
  const { code, stderr } = await runFake("run", { env });
  assert.equal(code, 2);
  for (const name of ["MONGODB_URI", "BATCH_SIZE", "FORMAT", "DESTINATION"]) {
    assert.match(stderr, new RegExp(name));
  }
});

Deno.test("run exits with 3 and names the server that it cannot reach, without its password", async () => {
  const lake = await Deno.makeTempDir();
  try {
    const places = { MONGODB_URI: NOWHERE, DESTINATION: `file://${lake}`, HTTP_ADDRESS: "none" };
    const env = { ...places, PROCESSING_INTERVAL: "2m" };
    const { code, stderr } = await runFake("run", { env });
    assert.equal(code, 3, stderr);
    assert.match(stderr, /"Cannot start"/);
    assert.match(stderr, /"warn".*"variable":"PROCESSING_INTERVAL","instead":"set BATCH_TIMEOUT/);
    assert.match(stderr, /127\.0\.0\.1:1/);
    assert.doesNotMatch(stderr, /hidden-secret/);
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
});
