/** A fleet that takes snapshots and keeps tables while it is upgraded copy by copy, and taken back. */
import assert from "node:assert/strict";
import { createRowCounter } from "../support/lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import {
  BEFORE_PAUSES_TOLD,
  BEFORE_PLAIN_NAMES,
  extractOlderVersion,
} from "../support/older_version.ts";
import { type Program, runProgram, startProgram } from "../support/program.ts";
import { redisUrl, uniqueName } from "../support/services.ts";
import { waitForRows } from "./judge.ts";
import { sourceSettings } from "./settings.ts";
import { SnapshotChanges } from "./snapshot_changes.ts";
import { assertRight, complete, COMPLETE_MS_MAX, snapshotBucket, stop } from "./snapshot_place.ts";

const DOCUMENTS = 1_500;
const NAMES = ["c1", "c2", "c3"];
/** So long a piece of a request waits: ranges must not end before both versions have read some. */
const SLOW_MS = 300;

/** Versions before this one, with what they know, and the names of collections that they can have tables of. */
const OLDER = [
  { commit: BEFORE_PLAIN_NAMES, odd: "plain", env: {} },
  { commit: BEFORE_PAUSES_TOLD, odd: "a/b", env: { KEY_STRATEGY: "hive-plain" } },
];

for (const { commit, odd, env } of OLDER) {
  Deno.test(`a fleet of ${commit} is upgraded in the middle of snapshots and taken back, and rows and tables are whole`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "tributary-older-" });
    const older = await extractOlderVersion(folder, commit);
    await using writer = createMongoWriter(uniqueName("rolling"));
    const db = writer.client.db(writer.database);
    const names = [...NAMES, odd];
    await writer.insert(names, DOCUMENTS);
    await using at = await snapshotBucket({
      ...sourceSettings(writer.database),
      ...{ MONGODB_COLLECTIONS: names.join(","), BATCH_SIZE: "25" },
      ...{ SNAPSHOT: "initial", TABLES: "delta", TABLE_INTERVAL: "1s", REDIS_URL: redisUrl() },
      ...{ LEASES: "redis", DISTRIBUTED_LOCK_TTL: "6s", DISTRIBUTED_LOCK_REFRESH_INTERVAL: "2s" },
      ...env,
    });
    await using changes = new SnapshotChanges(db, names, DOCUMENTS);
    await using copies = new AsyncDisposableStack();
    const begin = (name: string, executable?: string) => {
      const own = { ...at.through, INSTANCE_NAME: name };
      const options = executable === undefined ? { env: own } : { env: own, executable };
      return copies.use(startProgram(["run"], options));
    };
    at.proxy.setMode({ kind: "delay", ms: SLOW_MS });
    const old = [begin("old-1", older), begin("old-2", older)];
    await readsRanges(old);
    changes.begin();
    const next = [begin("new-1")];
    await stop(old[0]!);
    next.push(begin("new-2"));
    await stop(old[1]!);
    await readsRanges(next);
    const last = begin("old-3", older);
    await stop(next[0]!);
    at.proxy.setMode({ kind: "pass" });
    await last.line(/Batch stored/, COMPLETE_MS_MAX);
    await complete(at.past, names.map((name) => `${writer.database}.${name}`));
    await stop(last);
    const events = await changes.end();
    await waitForRows(events, createRowCounter(at.bucket, "lake/"));
    await stop(next[1]!);
    await assertRight(at, db, names, ({ n }) => Number(n) < DOCUMENTS);
    await assertTables(at.past, names.length);
    await Deno.remove(folder, { recursive: true });
  });
}

/** Waits until one of them has stored a part of a snapshot. */
async function readsRanges(copies: readonly Program[]): Promise<void> {
  await Promise.any(copies.map((each) => each.line(/Batch stored.*snapshot:/, COMPLETE_MS_MAX)));
}

/** All collections have tables, and these all objects that journals name, each once. */
async function assertTables(env: Readonly<Record<string, string>>, count: number): Promise<void> {
  const built = await runProgram(["table", "build", "all"], { env });
  assert.equal(built.code, 0, built.stdout + built.stderr);
  const verified = await runProgram(["table", "verify", "all", "--json"], { env });
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  assert.equal(JSON.parse(verified.stdout).length, count, verified.stdout);
}
