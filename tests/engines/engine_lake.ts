/** A lake in a bucket or a folder, and its tables. */
import { buildTables } from "../../src/app/tables/build_tables.ts";
import { compactTables } from "../../src/app/tables/compact_tables.ts";
import { dropTables, verifyTables } from "../../src/app/tables/table_commands.ts";
import type { LakeConfig } from "../../src/config/config.ts";
import { loadLakeConfig } from "../../src/config/resolve/load.ts";
import { openDestination } from "../../src/destination/destinations.ts";
import { DEFAULT_RETRY, type OpenDestination } from "../../src/destination/open_destination.ts";
import { systemClock } from "../../src/support/clock.ts";
import { silentLog } from "../../src/support/log.ts";
import { systemRandom } from "../../src/support/random.ts";
import { MemoryOplog } from "../../src/source/memory/memory_oplog.ts";
import { LakeWorld } from "../support/lake_world.ts";
import { MACHINE, sourcesOf } from "../support/load_config.ts";
import { ensureBucket, s3TestOptions } from "../support/s3_bucket.ts";
import { s3Credentials, s3Endpoint, s3Region, uniqueName } from "../support/services.ts";
import { write } from "../support/table_world.ts";

const BUCKET = "engines";
const TOOLS = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };
const COMMAND = { tools: TOOLS, signal: new AbortController().signal, reached: () => {} };

export interface EngineLake extends AsyncDisposable {
  readonly world: LakeWorld;
  readonly url: string;
  /** Writes so many events more, and brings them into its place. */
  write(count: number): Promise<void>;
  /** Brings the tables to where the lake is; answers what is wrong. */
  build(): Promise<string[]>;
  /** What is wrong with the tables by the journals. */
  verify(): Promise<string[]>;
  drop(): Promise<void>;
  /** Joins what is small; answers how many objects became how many. */
  compact(): Promise<{ readonly inputs: number; readonly outputs: number }>;
}

/** Hours of then are over by any clock. */
const LONG_AGO = { t: 1_700_000_000, i: 1 };

/** `settings`: what is not as usual. */
export async function openEngineLake(settings: Record<string, string>): Promise<EngineLake> {
  await ensureBucket(BUCKET);
  const url = settings.DESTINATION ?? `s3://${BUCKET}/${uniqueName("lake")}`;
  const { accessKeyId, secretAccessKey } = s3Credentials();
  // The program has its credentials of the environment.
  Deno.env.set("AWS_ACCESS_KEY_ID", accessKeyId);
  Deno.env.set("AWS_SECRET_ACCESS_KEY", secretAccessKey);
  const place = await openDestination(url, { retry: DEFAULT_RETRY, s3: s3TestOptions() }, {
    clock: systemClock,
    random: systemRandom,
  });
  const world = new LakeWorld(1, new MemoryOplog(LONG_AGO));
  const config = configOf({
    ...{ DESTINATION: url, S3_ENDPOINT: s3Endpoint(), AWS_REGION: s3Region() },
    ...settings,
  });
  return {
    ...{ world, url },
    async write(count) {
      await write(world, count);
      await copyAll(world, place);
    },
    async build() {
      const { tables, streamFaults } = await buildTables(config, COMMAND, undefined);
      return [...streamFaults.values(), ...tables.flatMap(({ fault }) => fault ?? [])];
    },
    async verify() {
      const verdicts = await verifyTables(config, COMMAND, undefined);
      return verdicts.length === 0 ? ["no table"] : verdicts.flatMap(({ faults }) => faults);
    },
    async drop() {
      await dropTables(config, COMMAND, undefined, false);
    },
    async compact() {
      const reports = await compactTables(config, COMMAND, undefined);
      const faults = reports.flatMap((report) => report.faults);
      if (faults.length > 0) throw new Error(faults.join("\n"));
      const sumOf = (what: "inputs" | "outputs") =>
        reports.reduce((sum, report) => sum + report[what], 0);
      return { inputs: sumOf("inputs"), outputs: sumOf("outputs") };
    },
    [Symbol.asyncDispose]: () => place.close(),
  };
}

function configOf(env: Record<string, string>): LakeConfig {
  const loaded = loadLakeConfig(sourcesOf({ env }), MACHINE);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  return loaded.config;
}

async function copyAll(world: LakeWorld, place: OpenDestination): Promise<void> {
  for (const key of await world.destination.list("", { limit: 100_000 })) {
    await place.putIfAbsent(key, (await world.destination.get(key))!);
  }
}
