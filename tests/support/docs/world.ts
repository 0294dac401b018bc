/** A lake for the commands of one page, on real servers, under names that nobody else uses. */
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { freePort } from "../../../scripts/services/free_port.ts";
import { waitUntil } from "../../../scripts/services/wait_until.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { mongodbUri, redisUrl } from "../services.ts";
import { leastEnvironment, sourceCommand } from "../source_program.ts";

/** Situations that a block can be run in. */
export const SITUATIONS = ["live", "stopped", "wide", "fresh", "lost", "program"];

const LINE_MS_MAX = 240_000;
const COLLECTIONS = ["orders", "customers"];

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

export interface DocsWorld extends AsyncDisposable {
  /** The block's text with this world's names and times in place of those of the example. */
  translated(text: string): string;
  /** Runs a block as a shell would, in the world's folder. */
  shell(text: string): Promise<Outcome>;
  /** Runs a block whose command does not end by itself, until it streams. */
  program(text: string): Promise<Outcome>;
  /** The block as a statement about files in the place of objects. */
  sql(text: string): string;
}

/** The words that the docs use for what everybody has under another name. */
const EXAMPLE = {
  database: /\bshop\b/g,
  lake: /s3:\/\/lake\b/g,
  http: /127\.0\.0\.1:8080/g,
  time: /2026-11-20T17:00:00Z/g,
};

/**
 * Makes the world in the situation: with a copy running; with one that has `stopped`, whose journal is `lost`, or that
 * read the database as one stream (`wide`); or before the first (`fresh`, and `program` for a command that is one).
 */
export async function openDocsWorld(situation: string): Promise<DocsWorld> {
  const world = await openEmptyWorld({ isWide: situation === "wide" });
  if (situation === "fresh" || situation === "program") return world;
  await world.start();
  if (situation === "live") return world;
  await world.stop();
  if (situation === "lost") await world.loseJournal();
  return world;
}

export interface WorldOptions {
  /** Whether the database is read as one stream. */
  readonly isWide?: boolean;
  /** In place of those that the world would give. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A world before the first start. */
export async function openEmptyWorld(options: WorldOptions): Promise<World> {
  // A database's name may have no more than letters where it is a word of a path, a key and a setting.
  const database = `docs${systemRandom.hex(10)}`;
  const folder = await Deno.makeTempDir({ prefix: "tributary-docs-" });
  const world = new World(database, folder, new MongoClient(mongodbUri()), options);
  await world.prepare();
  return world;
}

export class World implements DocsWorld {
  readonly database: string;
  readonly #folder: string;
  readonly #client: MongoClient;
  readonly #options: WorldOptions;
  readonly #address = `127.0.0.1:${freePort()}`;
  #startedAt = "";
  #documents = 0;
  #copy: { readonly child: Deno.ChildProcess; readonly output: Promise<string> } | undefined;

  constructor(database: string, folder: string, client: MongoClient, options: WorldOptions) {
    this.database = database;
    this.#folder = folder;
    this.#client = client;
    this.#options = options;
  }

  async prepare(): Promise<void> {
    await Deno.mkdir(join(this.#folder, "bin"));
    const command = sourceCommand().map((word) => `'${word}'`).join(" ");
    await this.#script("bin/tributary", `exec ${command} "$@"`);
    await this.#script("nightly-report", "exit 0");
    const database = this.#client.db(this.database);
    for (const name of COLLECTIONS) await database.createCollection(name);
    const { operationTime } = await database.command({ ping: 1 });
    const seconds: number = operationTime.t;
    this.#startedAt = new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
  }

  async #script(name: string, line: string): Promise<void> {
    await Deno.writeTextFile(join(this.#folder, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  }

  /** Starts a copy, gives it something to write, and waits until that is stored. */
  async start(): Promise<void> {
    const child = this.#spawn("exec tributary run");
    const lines: string[] = [];
    const output = collect(child, lines);
    this.#copy = { child, output };
    const streams = this.#options.isWide === true
      ? [`database:${this.database}`]
      : COLLECTIONS.map((name) => `collection:${this.database}.${name}`);
    for (const name of streams) {
      await untilLine(lines, `"Change stream opened","stream":"${name}"`);
    }
    await this.change();
    await untilLine(lines, "Batch stored");
    if (this.#options.isWide === true) await untilLine(lines, "The snapshot is complete");
  }

  /** Gives the copy something to write. */
  async change(): Promise<void> {
    const orders = this.#client.db(this.database).collection<{ _id: number; status: string }>(
      "orders",
    );
    const [first, second] = [++this.#documents, ++this.#documents];
    await orders.insertMany([{ _id: first, status: "new" }, { _id: second, status: "new" }]);
    await orders.updateOne({ _id: first }, { $set: { status: "paid" } });
    await orders.deleteOne({ _id: second });
  }

  async stop(): Promise<void> {
    const copy = this.#copy;
    if (copy === undefined) return;
    this.#copy = undefined;
    copy.child.kill("SIGTERM");
    await copy.output;
    await copy.child.status;
  }

  async loseJournal(): Promise<void> {
    await Deno.remove(join(this.lake, "_tributary", "streams"), { recursive: true });
  }

  /** The folder of the lake, where no setting says another. */
  get lake(): string {
    return join(this.#folder, "lake", this.database);
  }

  translated(text: string): string {
    return text.replaceAll(EXAMPLE.database, this.database)
      .replaceAll(EXAMPLE.http, this.#address).replaceAll(EXAMPLE.time, this.#startedAt);
  }

  async shell(text: string): Promise<Outcome> {
    const child = this.#spawn(this.#withLake(text, "file://"));
    const output = await collect(child, []);
    return { code: (await child.status).code, output };
  }

  async program(text: string): Promise<Outcome> {
    const child = this.#spawn(`exec ${this.#withLake(text, "file://")}`);
    const lines: string[] = [];
    const output = collect(child, lines);
    await untilLine(lines, "Pipeline started");
    child.kill("SIGTERM");
    return { output: await output, code: (await child.status).code };
  }

  #withLake(text: string, scheme: string): string {
    return this.translated(text).replaceAll(EXAMPLE.lake, `${scheme}${join(this.#folder, "lake")}`);
  }

  /** The block's statement, about files in the place of objects. */
  sql(text: string): string {
    return this.#withLake(text, "");
  }

  #spawn(script: string): Deno.ChildProcess {
    const { PATH, ...rest } = leastEnvironment();
    return new Deno.Command("bash", {
      args: ["-euc", script],
      cwd: this.#folder,
      clearEnv: true,
      env: { ...rest, ...this.#settings(), PATH: `${join(this.#folder, "bin")}:${PATH}` },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  #settings(): Record<string, string> {
    return {
      MONGODB_URI: mongodbUri(),
      MONGODB_DATABASE: this.database,
      ...(this.#options.isWide === true ? {} : { MONGODB_COLLECTIONS: COLLECTIONS.join(",") }),
      DESTINATION: `file://${this.lake}`,
      PIPELINE_NAME: this.database,
      REDIS_URL: redisUrl(),
      HTTP_ADDRESS: this.#address,
      HTTP_TOKEN: "a-token-of-the-docs",
      BATCH_TIMEOUT: "100ms",
      DISTRIBUTED_LOCK_TTL: "3s",
      DISTRIBUTED_LOCK_REFRESH_INTERVAL: "1s",
      DISTRIBUTED_LOCK_RETRY_INTERVAL: "500ms",
      ...this.#options.settings,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#client.db(this.database).dropDatabase();
    await this.#client.close();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Everything the child says, as text; its lines on standard error go to `lines` as they come. */
async function collect(child: Deno.ChildProcess, lines: string[]): Promise<string> {
  const errors = (async () => {
    let all = "";
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      all += text;
      lines.splice(0, lines.length, ...all.split("\n"));
    }
    return all;
  })();
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), errors]);
  lines.push("(ended)");
  return stdout + stderr;
}

async function untilLine(lines: readonly string[], words: string): Promise<void> {
  const found = () => lines.some((line) => line.includes(words));
  const ended = () => lines.at(-1) === "(ended)";
  await waitUntil(systemClock, LINE_MS_MAX, () => found() || ended() || undefined);
  if (!found()) throw new Error(`No line says "${words}":\n${lines.join("\n")}`);
}
