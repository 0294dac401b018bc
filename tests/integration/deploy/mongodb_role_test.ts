import assert from "node:assert/strict";
import { type Document, MongoClient } from "mongodb";
import { findBinary } from "../../../scripts/services/binary.ts";
import { mongodBinary } from "../../../scripts/services/install_mongod.ts";
import { type Server, startServer } from "../../../scripts/services/server_process.ts";
import { runFromSource, runUntilLine } from "../../support/source_program.ts";

const ROLE = new URL("../../../deploy/mongodb/role.js", import.meta.url);
const ADMIN = "admin:admin-password";
const USER = "tributary:tributary-password";

/** A replica set of one that wants users to say who they are. */
async function startGuardedMongod(): Promise<Server> {
  const keyFile = await Deno.makeTempFile({ prefix: "tributary-key-" });
  await Deno.writeTextFile(keyFile, "a".repeat(64));
  await Deno.chmod(keyFile, 0o400);
  const server = await startServer({
    name: "mongod",
    binary: await findBinary(mongodBinary),
    args: (port, folder) => [
      ...["--dbpath", folder, "--port", String(port), "--bind_ip", "127.0.0.1", "--nounixsocket"],
      ...["--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "50", "--replSet", "rs0"],
      ...["--auth", "--keyFile", keyFile],
      ...["--setParameter", "shutdownTimeoutMillisForSignaledShutdown=0"],
    ],
    url: (port) => `127.0.0.1:${port}`,
    isReady,
  });
  await Deno.remove(keyFile);
  return server;
}

/** The first user may be made without one, from this machine. */
async function isReady(port: number): Promise<boolean> {
  await using client = new MongoClient(`mongodb://127.0.0.1:${port}/`, { directConnection: true });
  const admin = client.db("admin");
  const hello = await admin.command({ hello: 1 });
  if (hello["setName"] === undefined) {
    const members = [{ _id: 0, host: `127.0.0.1:${port}` }];
    await admin.command({ replSetInitiate: { _id: "rs0", members } });
    return false;
  }
  if (hello["isWritablePrimary"] !== true) return false;
  const [user, pwd] = ADMIN.split(":");
  await admin.command({ createUser: user, pwd, roles: ["root"] });
  return true;
}

/** Runs role.js as mongosh would: of the shell it uses `db.getSiblingDB(name).createRole` only. */
async function runRoleScript(client: MongoClient): Promise<void> {
  const made: Promise<Document>[] = [];
  const db = {
    getSiblingDB: (name: string) => ({
      createRole({ role, ...rest }: Document) {
        made.push(client.db(name).command({ createRole: role, ...rest }));
      },
    }),
  };
  new Function("db", Deno.readTextFileSync(ROLE))(db);
  assert.equal((await Promise.all(made)).length, 1);
}

Deno.test("deploy/mongodb/role.js is all that check and run need of MongoDB", async () => {
  await using server = await startGuardedMongod();
  await using client = new MongoClient(`mongodb://${ADMIN}@${server.url}/?replicaSet=rs0`);
  await runRoleScript(client);
  const [user, pwd] = USER.split(":");
  await client.db("admin").command({ createUser: user, pwd, roles: ["tributary"] });
  const lake = await Deno.makeTempDir({ prefix: "tributary-role-" });
  const env = {
    MONGODB_URI: `mongodb://${USER}@${server.url}/?replicaSet=rs0&authSource=admin`,
    MONGODB_DATABASE: "shop",
    MONGODB_COLLECTIONS: "or*",
    WATCH_LEVEL: "collection",
    START_FROM: "earliest",
    DESTINATION: `file://${lake}`,
    HTTP_ADDRESS: "none",
    BATCH_TIMEOUT: "100ms",
  };
  try {
    await client.db("shop").collection("orders").insertOne({ n: 1 });
    const checked = await runFromSource(["check"], env);
    assert.equal(checked.code, 0, checked.stdout + checked.stderr);
    assert.match(checked.stdout, /it reaches back/, "the oplog can be read");
    const lines = await runUntilLine(/"Batch stored"/, env);
    assert(lines.some((line) => line.includes("collection:shop.orders")));
    const genesis = await Deno.readTextFile(
      `${lake}/_tributary/streams/collection.shop.orders/0000000000000000.json`,
    );
    assert.match(genesis, /"replicaSetId":"[0-9a-f]{24}"/, "the replica set is known");
    const other = await runFromSource(["check"], {
      ...env,
      MONGODB_DATABASE: "crm",
      MONGODB_COLLECTIONS: "people",
    });
    assert.equal(other.code, 3, "another database is refused");
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
});
