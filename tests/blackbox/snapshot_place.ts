import assert from "node:assert/strict";
import { join } from "node:path";
import type { Db, Document } from "mongodb";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { type Program, runProgram, startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { assertOneRowEach, assertSameState } from "../support/snapshot_state.ts";
import { sourceSettings } from "./settings.ts";

/** Far more than it takes, for slow machines. */
export const COMPLETE_MS_MAX = 300_000;

/** A database, and a folder for the lake of a program that takes snapshots. */
export interface SnapshotPlace extends AsyncDisposable {
  readonly db: Db;
  readonly lake: string;
  readonly env: Readonly<Record<string, string>>;
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
  more: Readonly<Record<string, string>> = {},
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
