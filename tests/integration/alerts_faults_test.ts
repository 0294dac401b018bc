/** Alert rules, fired by a real fault of a real program: its own metrics, scraped, are what the rules are given. */
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { startAndStore, withAlertScene } from "../support/alert_scene.ts";
import { startGuardedMongod } from "../support/guarded_mongod.ts";
import { onAdmin } from "../support/mongo_commands.ts";
import { startForgetfulMongod } from "../support/forgetful_mongod.ts";
import { runFromSource } from "../support/source_program.ts";
import { startScraped } from "../support/scraped_program.ts";

Deno.test("no alert fires where all is well", async () => {
  await withAlertScene(async (scene) => {
    await using program = await startAndStore(scene);
    const scrapes = [
      await program.scrapeUntil(/^tributary_lake_gaps\{.*\} 0$/m),
      await program.scrapeUntil(/^tributary_dependency_up\{dependency="mongodb".*\} 1$/m),
    ];
    await scene.assertFiring({ scrapes, minutes: 30 }, []);
  });
});

Deno.test("TributaryHistoryLost fires where history was lost at a start, from the first scrape on, until it is accepted", async () => {
  await using mongod = await startForgetfulMongod();
  await withAlertScene(async (scene) => {
    const env = { ...scene.env, MONGODB_URI: mongod.url, MONGODB_DATABASE: "shop" };
    await using before = startScraped(env);
    await before.program.line(/Change stream opened/);
    await mongod.client.db("shop").collection("orders").insertOne({ n: 1 });
    await before.program.line(/Batch stored/);
    // Nothing says yet that its object is there, and then it is not.
    before.program.kill("SIGKILL");
    await before.program.ended;
    for (const name of await dataFiles(scene.lake)) await Deno.remove(name);
    await mongod.forget();
    await using program = startScraped({ ...env, ON_HISTORY_LOST: "restart" });
    const first = await program.scrapeUntil(/^tributary_lake_gaps\{.*\} 1$/m);
    assert.match(first, /^tributary_lake_voided_objects\{.*\} 1$/m);
    const expected = ["TributaryHistoryLost"];
    await scene.assertFiring({ scrapes: [first], minutes: 0 }, expected);
    for (const other of ["gaps", "voided_objects"]) {
      const one = first.replace(new RegExp(`^(tributary_lake_${other}\\{.*\\}) 1$`, "m"), "$1 0");
      assert.notEqual(one, first);
      await scene.assertFiring({ scrapes: [one], minutes: 0 }, expected);
    }
    const lost = await runFromSource(["verify"], env);
    assert.equal(lost.code, 1, lost.stdout);
    const seqs = [...lost.stdout.matchAll(/hole in record (\d+)/g)].map(([, seq]) => seq);
    const flags = ["--accept", seqs.join(), "--reason", "loaded anew"];
    const accepted = await runFromSource(["verify", ...flags], env);
    assert.equal(accepted.code, 0, accepted.stderr);
    const dealtWith = await program.scrapeUntil(/^tributary_lake_losses_accepted\{.*\} 2$/m);
    // An oplog of seconds is always short.
    const scrapes = [first, dealtWith].map((s) =>
      s.replaceAll(/^tributary_oplog_headroom.*\n/gm, "")
    );
    await scene.assertFiring({ scrapes, minutes: 7 }, []);
    const whole = await runFromSource(["verify"], env);
    assert.equal(whole.code, 0, whole.stdout);
  });
});

Deno.test("TributaryInstanceDown and TributaryNoInstance fire where the last instance dies", async () => {
  await withAlertScene(async (scene) => {
    await using program = await startAndStore(scene);
    const alive = await program.scrape();
    program.program.kill("SIGKILL");
    await program.program.ended;
    const dead = await program.scrape();
    const scrapes = [alive, dead];
    await scene.assertFiring({ scrapes, minutes: 2 }, []);
    const expected = ["TributaryInstanceDown", "TributaryNoInstance"];
    await scene.assertFiring({ scrapes, minutes: 4 }, expected);
  });
});

Deno.test("TributaryOplogShort fires for a stream that somebody has paused", async () => {
  await using mongod = await startForgetfulMongod();
  await withAlertScene(async (scene) => {
    await using program = startScraped({
      ...scene.env,
      MONGODB_URI: mongod.url,
      MONGODB_DATABASE: "shop",
      MONGODB_COLLECTIONS: "orders,items",
    });
    await program.program.line(/Change stream opened.*orders/);
    await program.pause("collection:shop.orders");
    await program.program.line(/Stream drained.*orders/);
    await mongod.forget();
    const headroom =
      /^tributary_oplog_headroom_seconds\{stream="collection:shop.orders".*\} (-|0$)/m;

    const paused = await program.scrapeUntil(headroom);
    await scene.assertFiring({ scrapes: [paused], minutes: 6 }, ["TributaryOplogShort"]);
  });
});

Deno.test("TributaryDeadLetters fires for events of which no row can be made", async () => {
  await withAlertScene(async (scene) => {
    await using program = await startAndStore(scene, { FULL_DOCUMENT: "required" });
    const orders = scene.writer.client.db(scene.writer.database).collection<{ n: number }>(
      "orders",
    );
    await orders.updateMany({}, { $inc: { n: 1 } });
    const first = await program.scrapeUntil(/^tributary_lake_dead_letters\{.*\} 10$/m);
    await scene.assertFiring({ scrapes: [first], minutes: 0 }, ["TributaryDeadLetters"]);
  });
});

Deno.test("TributaryStreamFailed fires where a right is taken away while it runs, and at a start without it", async () => {
  await using guarded = await startGuardedMongod();
  await onAdmin(guarded.admin, {
    grantRolesToUser: "reader",
    roles: [{ role: "read", db: "crm" }],
  });
  await using client = await connected(guarded.admin);
  await client.db("crm").collection("users").insertOne({});
  await withAlertScene(async (scene) => {
    const { MONGODB_DATABASE: _, ...rest } = scene.env;
    const env = { ...rest, MONGODB_URI: guarded.reader, MONGODB_COLLECTIONS: "crm.users" };
    await using program = startScraped(env);
    await program.program.line(/Change stream opened.*users/);
    await onAdmin(guarded.admin, {
      revokeRolesFromUser: "reader",
      roles: [{ role: "read", db: "crm" }],
    });
    const failing = /^tributary_streams_failing\{permanent="true".*\} 1$/m;
    const first = await program.scrapeUntil(failing);
    await scene.assertFiring({ scrapes: [first], minutes: 0 }, ["TributaryStreamFailed"]);
    program.program.kill("SIGKILL");
    await program.program.ended;
    await using again = startScraped(env);
    const atStart = await again.scrapeUntil(failing);
    await scene.assertFiring({ scrapes: [atStart], minutes: 0 }, ["TributaryStreamFailed"]);
  });
});

async function connected(uri: string): Promise<MongoClient> {
  return await new MongoClient(uri).connect();
}

/** All files of a lake but tributary's own. */
async function dataFiles(lake: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(lake)) {
    const path = `${lake}/${name}`;
    if (name === "_tributary") continue;
    if (isDirectory) found.push(...await dataFiles(path));
    else found.push(path);
  }
  return found;
}
