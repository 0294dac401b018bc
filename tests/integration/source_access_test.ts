import assert from "node:assert/strict";
import { getServers, setServers } from "node:dns";
import { fileURLToPath } from "node:url";
import { MongoClient } from "mongodb";
import { type MongodOptions, startMongod } from "../../scripts/services/mongod.ts";
import { PermanentError, TransientError } from "../../src/model/errors.ts";
import type { Stream } from "../../src/model/stream.ts";
import { judgeReaders } from "../../src/source/mongo/judge_readers.ts";
import { createMongoSource, type MongoSource } from "../../src/source/mongo/mongo_source.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { PLAIN_SETTINGS } from "../contract/source_contract.ts";
import { startDnsServer } from "../support/dns_server.ts";
import { onAdmin } from "../support/mongo_commands.ts";
import { mongodbUri } from "../support/services.ts";

const never = new AbortController().signal;

const AUTHORITY = file("authority.pem");
const CLIENT = file("client.pem");
const TLS = { certificateKeyFile: file("server.pem"), caFile: AUTHORITY };

/** Names the authority that signed the test certificates. */
const TRUST = `tls=true&tlsCAFile=${encodeURIComponent(AUTHORITY)}`;

Deno.test("a standalone mongod is refused with one sentence that says what to do", async () => {
  await using server = await startMongod({ replicaSet: false, cacheGigabytes: 0.25 });
  await usingSource(server.url, async (source) => {
    await assert.rejects(source.describe(never), (error) => {
      assert.ok(error instanceof PermanentError, String(error));
      assert.match(error.message, /need a replica set.*rs\.initiate\(\)/);
      return true;
    });
  });
});

Deno.test("a host that does not answer is named, and the password is not", async () => {
  const uri = "mongodb://someone:sesame@127.0.0.1:9/?serverSelectionTimeoutMS=200";
  await usingSource(uri, async (source) => {
    await assert.rejects(source.describe(never), (error) => {
      assert.ok(error instanceof TransientError, String(error));
      assert.match(error.message, /127\.0\.0\.1:9/);
      assert.doesNotMatch(error.message, /sesame/);
      return true;
    });
  });
});

Deno.test("describe tells the replica set, the times and the version", async () => {
  await usingSource(mongodbUri(), async (source) => {
    const description = await source.describe(never);
    assert.match(description.identity.replicaSetId ?? "", /^[0-9a-f]{24}$/);
    assert.ok(description.identity.setName);
    assert.match(description.version, /^\d+\.\d+/);
    assert.ok(description.operationTime.t >= description.oldestOplogTime!.t);
  });
});

Deno.test("a source with a private authority and an X.509 certificate", async (t) => {
  const options: MongodOptions = { tls: { ...TLS, clientCertificates: true } };
  await using server = await startMongod({ ...options, cacheGigabytes: 0.25 });
  const own = `${server.url}&${TRUST}&tlsCertificateKeyFile=${
    encodeURIComponent(TLS.certificateKeyFile)
  }`;
  const roles = [{ role: "read", db: "shop" }];
  await onExternal(own, { createUser: "CN=client,OU=clients,O=tests", roles });
  const x509 = `${server.url}&${TRUST}&tlsCertificateKeyFile=${encodeURIComponent(CLIENT)}` +
    "&authMechanism=MONGODB-X509&authSource=%24external";

  await t.step("reads", async () => {
    await usingSource(x509, async (source) => {
      const streams = [{ level: "database", database: "shop" }] as const;
      const facts = await source.preflight({ streams, settings: PLAIN_SETTINGS }, never);
      assert.deepEqual(facts.streams, [{ stream: "database:shop" }]);
    });
  });

  await t.step("is told that the authority is unknown where it is not named", async () => {
    const uri = `${server.url}&tls=true&serverSelectionTimeoutMS=300`;
    await usingSource(uri, async (source) => {
      await assert.rejects(source.describe(never), /certificate|issuer|UnknownIssuer/i);
    });
  });
});

Deno.test("a source with a user of few rights", async (t) => {
  const keyFile = await Deno.makeTempFile();
  await Deno.writeTextFile(keyFile, "tributarytests");
  await Deno.chmod(keyFile, 0o600);
  await using server = await startMongod({
    cacheGigabytes: 0.25,
    args: ["--auth", "--keyFile", keyFile],
  });
  await Deno.remove(keyFile);
  const admin = server.url.replace("://", "://root:toor@") + "&authSource=admin";
  await onAdmin(`${server.url}&directConnection=true`, {
    createUser: "root",
    pwd: "toor",
    roles: ["root"],
  });
  await onAdmin(admin, {
    createUser: "reader",
    pwd: "sesame",
    roles: [{ role: "read", db: "shop" }],
  });
  const reader = admin.replace("root:toor", "reader:sesame");
  await onAdmin(admin, {
    createRole: "few",
    roles: [],
    privileges: ["a", "b"].map((collection) => ({
      resource: { db: "other", collection },
      actions: ["find", "changeStream"],
    })),
  });
  await testRights(t, reader);
  await testSharing(t, admin, reader);
  await testWaysIn(t, reader, server.port);
});

async function testRights(t: Deno.TestContext, reader: string): Promise<void> {
  await t.step("a wrong password is a permanent error without the password", async () => {
    await usingSource(reader.replace("sesame", "open-sesame"), async (source) => {
      await assert.rejects(source.describe(never), (error) => {
        assert.ok(error instanceof PermanentError, String(error));
        assert.match(error.message, /does not accept the user name/);
        assert.doesNotMatch(error.message, /sesame/);
        return true;
      });
    });
  });

  await t.step("what it may not ask for is left out of the description", async () => {
    await usingSource(reader, async (source) => {
      const description = await source.describe(never);
      assert.deepEqual(description.identity, { setName: "rs0" });
      assert.equal(description.oldestOplogTime, undefined);
      await assert.rejects(source.oldestPosition(never), /may not read local\.oplog\.rs/);
    });
  });

  await t.step("where collections begin and end is told of the databases it may read", async () => {
    await usingSource(reader, async ({ namespaces }) => {
      const { last: from } = await namespaces.times(never);
      const open = (...include: string[]) => {
        const request = { filter: { include, exclude: [] }, from, known: () => [] };
        return namespaces.openNews(request, never);
      };
      const news = await open("shop.*");
      await news!.next();
      await news!.close();
      assert.equal(await open("shop.*", "other.*"), undefined);
      assert.equal(await open("*.orders"), undefined);
    });
  });

  await t.step("preflight opens what it may read and says what role the rest needs", async () => {
    await usingSource(reader, async (source) => {
      const streams = [
        { level: "collection", database: "shop", collection: "orders" },
        { level: "database", database: "shop" },
        { level: "database", database: "other" },
        { level: "deployment" },
      ] as const;
      const facts = await source.preflight({ streams, settings: PLAIN_SETTINGS }, never);
      assert.deepEqual(facts.streams.map((s) => s.fault === undefined), [true, true, false, false]);
      assert.match(facts.streams[3]!.fault!, /`readAnyDatabase`/);
      assert.doesNotMatch(facts.streams[3]!.fault!, /lsid/);
      assert.equal(facts.oplogWindowHours, undefined);
    });
  });
}

async function testSharing(t: Deno.TestContext, admin: string, reader: string): Promise<void> {
  const settings = { ...PLAIN_SETTINGS, reading: "namespace" } as const;
  const streams = ["shop.orders", "shop.items", "other.a", "other.b"].map((name) => {
    const [database = "", collection = ""] = name.split(".");
    return { level: "collection", database, collection } as const;
  });
  const readingOf = async (uri: string, of: readonly Stream[]) => {
    let said: [string, string][] = [];
    await usingSource(uri, async (source) => {
      const facts = await source.preflight({ streams: of, settings }, never);
      assert.deepEqual(facts.streams.filter(({ fault }) => fault !== undefined), []);
      said = judgeReaders(facts).map(({ state, text }) => [state, text]);
    });
    return said;
  };

  await t.step("preflight says how many change streams the user's rights allow", async () => {
    assert.deepEqual(await readingOf(reader, streams.slice(0, 2)), [
      ["ok", "2 collections of shop: 1 change stream"],
    ]);
    await onAdmin(admin, {
      createUser: "narrow",
      pwd: "sesame",
      roles: [{ role: "read", db: "shop" }, { role: "few", db: "admin" }],
    });
    const narrow = admin.replace("root:toor", "narrow:sesame");
    const [shared, [state, text] = []] = await readingOf(narrow, streams);
    assert.deepEqual(shared, [
      "ok",
      "2 collections of shop: 1 change stream",
    ]);
    assert.equal(state, "warning");
    assert.match(text!, /^2 collections of other: 2 change streams, .*role read on other$/);
    assert.deepEqual(await readingOf(admin, streams), [
      ["ok", "4 collections of shop, other: 1 change stream of the deployment"],
    ]);
  });
}

async function testWaysIn(t: Deno.TestContext, reader: string, port: number): Promise<void> {
  await t.step("mongodb+srv finds its hosts with node:dns", async () => {
    const servers = getServers();
    // The driver wants hosts below the domain of the name: below 0.0.1 is 127.0.0.1.
    const host = { host: "127.0.0.1", port };
    await using dns = await startDnsServer(host, "authSource=admin&replicaSet=rs0");
    setServers([dns.address]);
    try {
      await usingSource("mongodb+srv://reader:sesame@shop.0.0.1/?tls=false", async (source) => {
        assert.ok((await source.describe(never)).version);
      });
    } finally {
      setServers(servers);
    }
  });

  await t.step("a replica set of another name is named", async () => {
    const uri = reader.replace("replicaSet=rs0", "replicaSet=other&serverSelectionTimeoutMS=300");
    await usingSource(uri, async (source) => {
      await assert.rejects(source.describe(never), (error) => {
        assert.ok(error instanceof TransientError, String(error));
        assert.match(error.message, /"other"/);
        return true;
      });
    });
  });
}

Deno.test("preflight tells the oplog's window and which collections keep no images", async () => {
  const database = "source-preflight-" + systemRandom.hex(8);
  const client = new MongoClient(mongodbUri());
  const db = client.db(database);
  await db.createCollection("plain");
  await db.createCollection("kept", { changeStreamPreAndPostImages: { enabled: true } });
  await db.createCollection("view", { viewOn: "plain", pipeline: [] });
  await usingSource(mongodbUri(), async (source) => {
    const streams = [{ level: "database", database }] as const;
    const settings = { ...PLAIN_SETTINGS, fullDocument: "when-available" as const };
    const facts = await source.preflight({ streams, settings }, never);
    assert.equal(facts.topology, "replica set");
    assert.ok(facts.oplogWindowHours! >= 0);
    assert.deepEqual(facts.streams, [{ stream: `database:${database}` }]);
    assert.deepEqual(facts.withoutImages, [`${database}.plain`]);
    const off = await source.preflight({ streams, settings: PLAIN_SETTINGS }, never);
    assert.deepEqual(off.withoutImages, []);
    const filter = { include: [`${database}.*`], exclude: ["*.kept"] };
    const found = await source.listNamespaces(filter, undefined, never);
    assert.deepEqual(found, [{ database, collection: "plain" }]);
  });
  await db.dropDatabase();
  await client.close();
});

async function usingSource(
  uri: string,
  work: (source: MongoSource) => Promise<unknown>,
): Promise<void> {
  const source = createMongoSource({
    uri,
    awaitMs: 50,
    clock: systemClock,
    random: systemRandom,
  });
  try {
    await work(source);
  } finally {
    await source.close();
  }
}

async function onExternal(uri: string, command: Record<string, unknown>): Promise<void> {
  const client = new MongoClient(uri);
  try {
    await client.db("$external").command(command);
  } finally {
    await client.close();
  }
}

function file(name: string): string {
  return fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url));
}
