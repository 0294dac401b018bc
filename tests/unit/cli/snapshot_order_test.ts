import assert from "node:assert/strict";
import { runFake } from "../../support/fake_host.ts";
import { withInstance } from "../../support/instance_server.ts";

const TOKEN = "correct-horse";

Deno.test("snapshotOrder asks one instance where its address is given, by the snapshot's name or id", async () => {
  await withInstance({ token: TOKEN }, async ({ port, orders }) => {
    const env = { HTTP_TOKEN: TOKEN };
    const url = `--url http://127.0.0.1:${port}`;
    for (const word of ["shop.orders", "database:shop", "collection.shop.orders.asked-2"]) {
      await runFake(`snapshot pause ${word} ${url}`, { env });
    }
    assert.deepEqual(orders, [
      ...["pause snapshot:shop.orders", "pause snapshot:database:shop"],
      "pause snapshot.collection.shop.orders.asked-2",
    ]);
  });
});
