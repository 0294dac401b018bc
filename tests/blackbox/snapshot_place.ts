import assert from "node:assert/strict";
import { join } from "node:path";
import type { Db, Document } from "mongodb";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { downloadLake } from "../support/lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { type Program, runProgram, startProgram } from "../support/program.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { s3Endpoint, uniqueName } from "../support/services.ts";
import { assertOneRowEach, assertSameState } from "../support/snapshot_state.ts";
import { s3Settings, sourceSettings } from "./settings.ts";

/** Far more than it takes, for slow machines. */
export const COMPLETE_MS_MAX = 600_000;

export type Env = Readonly<Record<string, string>>;

/** A database, and a folder for the lake of a program that takes snapshots. */
export interface SnapshotPlace extends AsyncDisposable {
  readonly db: Db;
  readonly lake: string;
  readonly env: Env;
  start(): Program;
  /** Ends the program, and asks `verify`. */
  finish(program: Program): Promise<void>;
  /** The lake tells the state of each document, and each of `stayed` has one snapshot row. */
  assertState(
    name: string,
    documents: readonly Document[],
    stayed: readonly unknown[],
  ): Promise<void>;
}

/** `stages`: of the pipeline, as YAML has them. */
export async function snapshotPlace(
  more: Env = {},
  stages?: string,
): Promise<SnapshotPlace> {
  const writer = createMongoWriter(uniqueName("snapshot"));
  const folder = await Deno.makeTempDir();
  const lake = join(folder, "lake");
  const config = join(folder, "tributary.yaml");
  if (stages !== undefined) await Deno.writeTextFile(config, `pipeline: ${stages}\n`);
  const args = stages === undefined ? [] : ["--config", config];
  const env = {
    ...sourceSettings(writer.database),
    ...{ DESTINATION: `file://${lake}`, SNAPSHOT: "initial", ...more },
  };
  return {
    ...{ lake, env, db: writer.client.db(writer.database) },
    start: () => startProgram(["run", ...args], { env }),
    async finish(program) {
      program.kill("SIGTERM");
      assert.equal((await program.ended).code, 0, program.stderr.join("\n"));
      const verified = await runProgram(["verify", "--read", ...args], { env });
      assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    },
    async assertState(name, documents, stayed) {
      await assertSameState(lake, name, documents);
      await assertOneRowEach(lake, name, stayed);
    },
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** A lake in a bucket to which copies come through a proxy, and whoever looks at it does not. */
export interface SnapshotBucket extends AsyncDisposable {
  readonly bucket: string;
  readonly proxy: FaultProxy;
  /** Settings of the copies. */
  readonly through: Env;
  /** The same of verbs that must not wait. */
  readonly past: Env;
}

export async function snapshotBucket(settings: Env): Promise<SnapshotBucket> {
  const bucket = uniqueName("snapshot");
  await ensureBucket(bucket);
  const { hostname, port } = new URL(s3Endpoint());
  const proxy = new FaultProxy({ target: { hostname, port: Number(port) } });
  const own = { PIPELINE_NAME: bucket, ...settings };
  return {
    ...{ bucket, proxy },
    through: { ...own, ...s3Settings(bucket, "lake", proxy.url) },
    past: { ...own, ...s3Settings(bucket, "lake") },
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

/**
 * Waits until all snapshots of these targets are complete. The lake is asked: the copy that put the end, and said so, may have
 * been killed since.
 */
export async function complete(past: Env, targets: readonly string[]): Promise<void> {
  let seen = "nothing";
  const found = await waitUntil(systemClock, COMPLETE_MS_MAX, async () => {
    const { stdout, stderr } = await runProgram(["snapshot", "status", "--json"], { env: past });
    seen = stdout + stderr;
    const shown: { readonly name: string; readonly state: string }[] = JSON.parse(stdout);
    const isComplete = (target: string) => {
      const own = shown.filter(({ name }) => name === target);
      return own.length > 0 && own.every(({ state }) => state === "complete");
    };
    return targets.every(isComplete) ? true : undefined;
  });
  assert(found, `the snapshots are not complete: ${seen}`);
}

export async function stop(program: Program): Promise<void> {
  program.kill("SIGTERM");
  const { code } = await program.ended;
  assert.equal(code, 0, program.stderr.slice(-10).join("\n"));
}

/**
 * The lake tells the state of each document of these collections, each for which `stayed` holds has one snapshot row, and `verify`
 * finds nothing.
 */
export async function assertRight(
  { bucket, past }: Pick<SnapshotBucket, "bucket" | "past">,
  db: Db,
  names: readonly string[],
  stayed: (document: Document) => boolean = () => true,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await downloadLake(bucket, "lake/", folder);
    for (const name of names) {
      const documents = await db.collection(name).find({}, { promoteValues: false }).toArray();
      await assertSameState(folder, name, documents);
      await assertOneRowEach(folder, name, documents.filter(stayed).map(({ _id }) => _id));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const verified = await runProgram(["verify", "--read"], { env: past });
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
}
