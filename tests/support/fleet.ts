/** Several processes of the executable that share a pipeline's streams, and what can be seen of them from outside. */
import assert from "node:assert/strict";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { createRedisLeaseStore } from "../../src/coordinate/redis/redis_leases.ts";
import { createObjectFleet } from "../../src/coordinate/objects/object_fleet.ts";
import { POLL_OFTEN } from "../../src/coordinate/fleet.ts";
import type { LeaseStore } from "../../src/coordinate/lease/lease_store.ts";
import { connectRedis, type RedisConnection } from "../../src/state/redis_connection.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { streamingSettings } from "../blackbox/settings.ts";
import { FaultProxy } from "./fault_proxy.ts";
import { type FleetLake, JournalFollower, streamOfObject } from "./fleet_lake.ts";
import type { FleetWriter } from "./fleet_writer.ts";
import { type Program, runProgram, startProgram } from "./program.ts";
import { NEVER_OLD } from "./fleets.ts";
import { uniqueName } from "./services.ts";

export interface FleetOptions {
  readonly lake: FleetLake;
  readonly database: string;
  readonly collections: readonly string[];
  /** Where the leases are; absent: in the destination. */
  readonly redisUrl?: string;
  /** The lease's TTL; it is refreshed and looked at each fifth of it. Default 5 s. */
  readonly ttlSeconds?: number;
  /** Streams at the beginning, where collections are divided. Default: one a collection. */
  readonly streams?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** One process, with what lies between it and the servers. */
export interface FleetInstance {
  readonly name: string;
  readonly program: Program;
  /** Absent where the leases are in the destination. */
  readonly redis?: FaultProxy;
  /** Absent where the lake is a folder. */
  readonly s3?: FaultProxy;
}

/** Far more than anything takes, for slow machines. */
const LIMIT_MS = 150_000;

const LINES_SHOWN = 12;

export class Fleet implements AsyncDisposable {
  /** Streams that are to run; to be set where a layout changes it. */
  streams: number;
  readonly pipeline = uniqueName("fleet");
  readonly ttlMs: number;
  readonly journals: JournalFollower;
  readonly #options: FleetOptions;
  readonly #instances = new Map<string, FleetInstance>();
  readonly #redis: RedisConnection | undefined;
  readonly #leases: LeaseStore;
  #started = 0;

  constructor(options: FleetOptions) {
    const { ttlSeconds = 5, streams = options.collections.length } = options;
    this.#options = options;
    this.ttlMs = ttlSeconds * 1000;
    this.streams = streams;
    this.journals = new JournalFollower(options.lake);
    const parts = { clock: systemClock, random: systemRandom };
    const { redisUrl, lake } = options;
    this.#redis = redisUrl === undefined
      ? undefined
      : connectRedis(redisUrl, { ...parts, callMsMax: 2000 });
    this.#leases = this.#redis === undefined
      ? createObjectFleet({
        ...{ objects: lake.objects(this.pipeline), timing: NEVER_OLD, poll: POLL_OFTEN, ...parts },
      }).leases
      : createRedisLeaseStore(this.#redis, `{tributary:${this.pipeline}}`);
  }

  get instances(): readonly FleetInstance[] {
    return [...this.#instances.values()];
  }

  get lake(): FleetLake {
    return this.#options.lake;
  }

  get database(): string {
    return this.#options.database;
  }

  /** Starts one more process under a name of its own; does not wait. */
  start(env: Readonly<Record<string, string>> = {}, executable?: string): FleetInstance {
    const name = `i${++this.#started}`;
    const { redisUrl, lake } = this.#options;
    const redis = redisUrl === undefined ? undefined : new FaultProxy({
      target: { hostname: "127.0.0.1", port: Number(new URL(redisUrl).port) },
    });
    const s3 = lake.target === undefined ? undefined : new FaultProxy({ target: lake.target });
    const program = startProgram(["run"], {
      ...(executable === undefined ? {} : { executable }),
      env: {
        ...this.#env(s3?.url),
        ...(redis === undefined ? {} : { REDIS_URL: `redis://127.0.0.1:${redis.port}` }),
        INSTANCE_NAME: name,
        ...env,
      },
    });
    const instance = {
      ...{ name, program },
      ...(redis === undefined ? {} : { redis }),
      ...(s3 === undefined ? {} : { s3 }),
    };
    this.#instances.set(name, instance);
    return instance;
  }

  /** Starts so many processes and waits until they run all streams, each with its journal begun. */
  async open(count: number, executable?: string): Promise<void> {
    for (let i = 0; i < count; i++) this.start({}, executable);
    await this.settled();
    await this.until("all journals have begun", async () => {
      return (await this.journals.begun()).size >= this.streams;
    });
  }

  /** Runs a verb with the fleet's settings, to its end. */
  async run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const { redisUrl } = this.#options;
    const redis = redisUrl === undefined ? {} : { REDIS_URL: redisUrl };
    return await runProgram(args, { env: { ...this.#env(), ...redis } });
  }

  /** The streams that each process holds, by its name, as it is said now where the leases are. */
  async shares(): Promise<Map<string, string[]>> {
    const shares = new Map(this.instances.map(({ name }) => [name, [] as string[]]));
    for (const { instance, stream } of await this.#leases.list()) {
      shares.set(instance, [...shares.get(instance) ?? [], stream]);
    }
    return shares;
  }

  /** The process with the most streams, the oldest of several. */
  async busiest(): Promise<{ instance: FleetInstance; streams: readonly string[] }> {
    const shares = await this.shares();
    const streamsOf = (each: FleetInstance) => shares.get(each.name) ?? [];
    const instance = this.instances.reduce((most, each) =>
      streamsOf(each).length > streamsOf(most).length ? each : most
    );
    return { instance, streams: streamsOf(instance) };
  }

  /** Waits until the processes, or those given, hold all streams and each its share: the floor or the ceiling of streams/processes. */
  async settled(instances: readonly FleetInstance[] = this.instances): Promise<void> {
    const floor = Math.floor(this.streams / instances.length);
    const ceiling = Math.ceil(this.streams / instances.length);
    await this.until(`${instances.length} processes share ${this.streams} streams`, async () => {
      const shares = await this.shares();
      const counts = instances.map(({ name }) => shares.get(name)!.length);
      return counts.every((count) => count >= floor && count <= ceiling) &&
        counts.reduce((sum, count) => sum + count, 0) === this.streams;
    });
  }

  /** Waits until somebody else holds each of these streams. */
  async taken(streams: readonly string[], from: FleetInstance): Promise<void> {
    await this.until(`others hold what ${from.name} held`, async () => {
      const others = [...await this.shares()].filter(([name]) => name !== from.name);
      const held = new Set(others.flatMap(([, of]) => of));
      return streams.every((stream) => held.has(stream));
    });
  }

  /** The streams that are held now. */
  async allStreams(): Promise<string[]> {
    return [...(await this.shares()).values()].flat();
  }

  /** Waits until each of the streams has an object that is younger than this. */
  async stored(
    { streams, fromMs }: { readonly streams: readonly string[]; readonly fromMs: number },
  ): Promise<void> {
    await this.until(`${streams.length} streams store objects`, async () => {
      const young = (await this.lake.list()).filter(({ atMs }) => atMs > fromMs);
      const storing = new Set(young.map(({ key }) => streamOfObject(key)));
      return streams.every((stream) => storing.has(stream));
    });
  }

  /** kill -9. Answers when it has ended. */
  async kill(instance: FleetInstance): Promise<void> {
    instance.program.kill("SIGKILL");
    await this.#forget(instance);
  }

  /** SIGTERM, which is to end it in good order. */
  async stop(instance: FleetInstance): Promise<void> {
    instance.program.kill("SIGTERM");
    const code = await this.#forget(instance);
    assert.equal(code, 0, `${instance.name} ends well:\n${lastLines(instance.program)}`);
  }

  /** Stops the writer, waits until the lake names all it wrote, stops all processes, and lets `verify` look. */
  async finish(writer: FleetWriter): Promise<void> {
    await writer.stop();
    await this.until(() => `the journals name ${writer.events} rows`, async () => {
      return await this.journals.rows() >= writer.events;
    });
    await Promise.all(this.instances.map((instance) => this.stop(instance)));
    const { code, stdout, stderr } = await this.run("verify");
    assert.equal(code, 0, `verify finds the lake whole:\n${stdout}${stderr}`);
  }

  /** Waits for a condition; says what the fleet did last where it does not come. */
  async until(what: string | (() => string), holds: () => Promise<boolean>): Promise<void> {
    const met = await waitUntil(systemClock, LIMIT_MS, async () => await holds() || undefined);
    if (met !== undefined) return;
    const shares = await this.shares().then((all) => JSON.stringify([...all]), String);
    const output = this.instances.map(({ name, program }) => `${name}:\n${lastLines(program)}`);
    const name = typeof what === "string" ? what : what();
    throw new Error([`After ${LIMIT_MS / 1000} s not: ${name}`, shares, ...output].join("\n"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const instance of this.instances) await this.kill(instance);
    await this.#redis?.close();
  }

  #env(s3Endpoint?: string): Record<string, string> {
    const { lake, collections } = this.#options;
    const fifth = `${this.ttlMs / 5}ms`;
    return {
      ...streamingSettings(this.database),
      MONGODB_COLLECTIONS: collections.join(","),
      ...lake.env(s3Endpoint),
      PIPELINE_NAME: this.pipeline,
      LEASES: "auto",
      DISTRIBUTED_LOCK_TTL: `${this.ttlMs}ms`,
      DISTRIBUTED_LOCK_REFRESH_INTERVAL: fifth,
      DISTRIBUTED_LOCK_RETRY_INTERVAL: fifth,
      ...this.#options.env,
    };
  }

  async #forget(instance: FleetInstance): Promise<number> {
    const { code } = await instance.program.ended;
    this.#instances.delete(instance.name);
    await instance.redis?.[Symbol.asyncDispose]();
    await instance.s3?.[Symbol.asyncDispose]();
    return code;
  }
}

function lastLines({ stdout, stderr }: Program): string {
  return [...stdout, ...stderr].slice(-LINES_SHOWN).join("\n");
}
