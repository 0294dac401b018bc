/** What the driver does with an option that its documentation does not name. */
import assert from "node:assert/strict";
import { createMongoClient } from "../../src/source/mongo/client/mongo_client.ts";
import { mongodbUri } from "../support/services.ts";

interface Inside {
  readonly topology: { readonly s: { readonly servers: ReadonlyMap<string, Server> } };
}

interface Server {
  readonly pool: { readonly options: { readonly minPoolSizeCheckFrequencyMS: number } };
}

Deno.test("the driver looks at an idle pool every ten seconds, not ten times a second", async () => {
  const client = createMongoClient({ uri: mongodbUri() });
  try {
    await client.db("admin").command({ ping: 1 });
    const servers = [...(client as unknown as Inside).topology.s.servers.values()];
    assert.deepEqual(
      servers.map(({ pool }) => pool.options.minPoolSizeCheckFrequencyMS),
      servers.map(() => 10_000),
    );
    assert.ok(servers.length > 0);
  } finally {
    await client.close();
  }
});
