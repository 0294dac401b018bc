import assert from "node:assert/strict";
import { runFake } from "../../../support/fake_host.ts";

/** Nobody listens on this port of loopback. */
const MONGODB_URI = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=200";

Deno.test("snapshot start ends with 2 on wrong words and wrong settings", async () => {
  assert.equal((await runFake("snapshot start")).code, 2);
  const unset = await runFake("snapshot start shop.orders");
  assert.equal(unset.code, 2);
  assert.match(unset.stderr, /MONGODB_URI[^]*DESTINATION/);
});

Deno.test("snapshot start ends with 3 where MongoDB cannot be reached", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const env = { MONGODB_URI, DESTINATION: `file://${folder}` };
    const { code, stdout, stderr } = await runFake("snapshot start shop.orders", { env });
    assert.deepEqual([code, stdout], [3, ""]);
    assert.match(stderr, /^tributary: Cannot .*127\.0\.0\.1:9/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
