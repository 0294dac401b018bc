/** A lake that a fleet writes, as its folder or bucket shows it from outside. */
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { dirname, join } from "node:path";
import { createFolderObjects } from "../../src/coordinate/objects/folder_objects.ts";
import type { SharedObjects } from "../../src/coordinate/objects/shared_objects.ts";
import { S3SharedObjects } from "../../src/destination/s3/s3_shared_objects.ts";
import { encodeName } from "../../src/model/keys/name_encoding.ts";
import { systemClock } from "../../src/support/clock.ts";
import { mapLimited } from "../../src/support/flow/limited.ts";
import { systemRandom } from "../../src/support/random.ts";
import { s3Settings } from "../blackbox/settings.ts";
import { ensureBucket, s3TestOptions } from "./s3_bucket.ts";
import { s3Endpoint, uniqueName } from "./services.ts";

/** Something that lies in the lake, and when it was written by the clock of this machine. */
export interface LakeFile {
  readonly key: string;
  readonly atMs: number;
}

export interface FleetLake extends AsyncDisposable {
  /** The settings with which the program writes it; an S3 server can be reached at another address. */
  env(endpoint?: string): Record<string, string>;
  /** Where the S3 server is; undefined where the lake is a folder. */
  readonly target?: { readonly hostname: string; readonly port: number };
  /** What the instances of a pipeline share in it. */
  objects(pipeline: string): SharedObjects;
  list(): Promise<LakeFile[]>;
  read(key: string): Promise<string>;
  /** A folder with everything that is in the lake now. */
  folder(): Promise<string>;
}

/** A lake in a temporary folder, which is removed at the end. */
export async function createFolderLake(): Promise<FleetLake> {
  const folder = await Deno.makeTempDir({ prefix: "tributary-lake-" });
  return {
    env: () => ({ DESTINATION: `file://${folder}` }),
    objects: (pipeline) =>
      createFolderObjects(join(folder, FLEETS, encodeName(pipeline)), systemClock, systemRandom),
    list: () => listFolder(folder, ""),
    read: (key) => Deno.readTextFile(join(folder, key)),
    folder: () => Promise.resolve(folder),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** A lake in a bucket of its own on the tests' S3 server. */
export async function createS3Lake(): Promise<FleetLake> {
  const bucket = uniqueName("fleet");
  await ensureBucket(bucket);
  const client = new S3Client(s3TestOptions());
  const copy = await Deno.makeTempDir({ prefix: "tributary-lake-" });
  const { hostname, port } = new URL(s3Endpoint());
  return {
    target: { hostname, port: Number(port) },
    env: (endpoint) => s3Settings(bucket, "lake", endpoint),
    objects(pipeline) {
      const folder = `${PREFIX}${FLEETS}${encodeName(pipeline)}/`;
      const options = { bucket, folder, s3: s3TestOptions(), requestMsMax: 60_000 };
      return new S3SharedObjects(options, { clock: systemClock, random: systemRandom });
    },
    list: () => listBucket(client, bucket),
    async read(key) {
      const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: PREFIX + key }));
      return await object.Body!.transformToString();
    },
    async folder() {
      await mapLimited(await listBucket(client, bucket), READS_IN_FLIGHT_MAX, async ({ key }) => {
        const object = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: PREFIX + key }),
        );
        const path = join(copy, key);
        await Deno.mkdir(dirname(path), { recursive: true });
        await Deno.writeFile(path, await object.Body!.transformToByteArray());
      });
      return copy;
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      await Deno.remove(copy, { recursive: true });
    },
  };
}

/** The journal of one stream, and what its records say. */
const RECORD = /^_tributary\/streams\/([^/]+)\/(\d{16})\.json$/;

const READS_IN_FLIGHT_MAX = 16;

/** Follows the journals of a lake. Records never change, so each is read once. */
export class JournalFollower {
  readonly #lake: FleetLake;
  readonly #rowsOf = new Map<string, number>();

  constructor(lake: FleetLake) {
    this.#lake = lake;
  }

  /** How many rows the records name that are there now. */
  async rows(): Promise<number> {
    const files = await this.#lake.list();
    const fresh = files.filter(({ key }) => RECORD.test(key) && !this.#rowsOf.has(key));
    await mapLimited(fresh, READS_IN_FLIGHT_MAX, async ({ key }) => {
      this.#rowsOf.set(key, rowsOfRecord(await this.#lake.read(key)));
    });
    return [...this.#rowsOf.values()].reduce((sum, rows) => sum + rows, 0);
  }

  /** The keys of the streams whose journals have begun. */
  async begun(): Promise<Set<string>> {
    const names = (await this.#lake.list()).flatMap(({ key }) => RECORD.exec(key)?.[1] ?? []);
    return new Set(names);
  }
}

/** The stream that wrote an object, of the object's name. */
export function streamOfObject(key: string): string | undefined {
  if (key.startsWith("_tributary/")) return undefined;
  return /([^/]+)-[0-9a-f]{8}-\d+-\d+\.[a-z0-9.]+$/.exec(key)?.[1];
}

const PREFIX = "lake/";

const FLEETS = "_tributary/fleet/";

function rowsOfRecord(text: string): number {
  const { objects } = JSON.parse(text) as { objects?: { rows: number }[] };
  return Array.isArray(objects) ? objects.reduce((sum, { rows }) => sum + rows, 0) : 0;
}

async function listFolder(root: string, folder: string): Promise<LakeFile[]> {
  const found: LakeFile[] = [];
  for await (const entry of Deno.readDir(join(root, folder))) {
    const key = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await listFolder(root, key));
    else {
      const info = await Deno.stat(join(root, key)).catch(ignoreRemoved);
      if (info?.mtime) found.push({ key, atMs: info.mtime.getTime() });
    }
  }
  return found;
}

/** Temporary files go away while we look. */
function ignoreRemoved(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

async function listBucket(client: S3Client, bucket: string): Promise<LakeFile[]> {
  const found: LakeFile[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: PREFIX, ContinuationToken: token }),
    );
    for (const { Key: key, LastModified: at } of page.Contents ?? []) {
      found.push({ key: key!.slice(PREFIX.length), atMs: at!.getTime() });
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return found;
}
