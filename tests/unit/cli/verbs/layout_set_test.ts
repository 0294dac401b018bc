import assert from "node:assert/strict";
import { runFake } from "../../../support/fake_host.ts";

/** Nobody listens on this port of loopback. */
const MONGODB_URI = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=200";

Deno.test("layout set ends with 2 on wrong words and wrong settings", async () => {
  const wrong = await runFake("layout set shop.orders 0");
  assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
  assert(
    wrong.stderr.startsWith('tributary: "0" is no number of streams from 1 to 256'),
    wrong.stderr,
  );
  const database = await runFake("layout set database:shop 2");
  assert.equal(database.code, 2);
  assert.match(database.stderr, /"database:shop" is no collection; write it as shop\.orders/);
  const unset = await runFake("layout set shop.orders 2");
  assert.equal(unset.code, 2);
  assert.match(unset.stderr, /MONGODB_URI[^]*DESTINATION/);
});

Deno.test("layout set ends with 3 where MongoDB cannot be reached", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const env = { MONGODB_URI, DESTINATION: `file://${folder}` };
    const { code, stdout, stderr } = await runFake("layout set shop.orders 2", { env });
    assert.deepEqual([code, stdout], [3, ""]);
    assert.match(stderr, /^tributary: Cannot .*127\.0\.0\.1:9/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
