import { MongoClient, type MongoClientOptions } from "mongodb";
import { findBinary } from "./binary.ts";
import { mongodBinary } from "./install_mongod.ts";
import { type Server, startServer } from "./server_process.ts";

export interface MongodOptions {
  /** Name of the replica set, or false for a standalone server. Default `rs0`. */
  readonly replicaSet?: string | false;
  /** Default 1024. `replSetResizeOplog` does not go below 990, this does. */
  readonly oplogMegabytes?: number;
  /** Default 0.5; the least is 0.25. */
  readonly cacheGigabytes?: number;
  /** Serves TLS only. */
  readonly tls?: MongodTls;
  /** Further arguments, as `--setParameter`, `x=1`. */
  readonly args?: readonly string[];
}

export interface MongodTls {
  /** PEM file with the server's certificate (for 127.0.0.1) and key. */
  readonly certificateKeyFile: string;
  /** PEM file of the authority that signed the certificates of the server and the clients. */
  readonly caFile: string;
  /** Whether a client must have a certificate. Default false. Its own certificate is the server's for set-up. */
  readonly clientCertificates?: boolean;
}

const SELECT_MS_MAX = 2_000;

/** Starts a mongod, by default as a replica set of one with failpoints enabled, and waits until it takes writes. */
export async function startMongod(options: MongodOptions = {}): Promise<Server> {
  const replicaSet = options.replicaSet ?? "rs0";
  return await startServer({
    name: "mongod",
    binary: await findBinary(mongodBinary),
    args: (port, folder) => mongodArgs(options, replicaSet, port, folder),
    url: (port) => {
      const query = replicaSet === false ? "" : `?replicaSet=${replicaSet}`;
      return `mongodb://127.0.0.1:${port}/${query}`;
    },
    isReady: (port) => takesWrites(port, replicaSet, clientOptions(options.tls)),
  });
}

function mongodArgs(
  options: MongodOptions,
  replicaSet: string | false,
  port: number,
  folder: string,
): string[] {
  const tls = options.tls;
  return [
    ...["--dbpath", folder, "--port", String(port), "--bind_ip", "127.0.0.1", "--nounixsocket"],
    ...["--wiredTigerCacheSizeGB", String(options.cacheGigabytes ?? 0.5)],
    ...(replicaSet === false
      ? []
      : ["--replSet", replicaSet, "--oplogSize", String(options.oplogMegabytes ?? 1024)]),
    ...["--setParameter", "enableTestCommands=1"],
    ...["--setParameter", "diagnosticDataCollectionEnabled=false"],
    // A signalled primary would wait 15 s for its clients to leave.
    ...["--setParameter", "shutdownTimeoutMillisForSignaledShutdown=0"],
    ...(tls === undefined
      ? []
      : ["--tlsMode", "requireTLS", "--tlsCertificateKeyFile", tls.certificateKeyFile]),
    ...(tls === undefined ? [] : ["--tlsCAFile", tls.caFile]),
    ...(tls === undefined || tls.clientCertificates === true
      ? []
      : ["--tlsAllowConnectionsWithoutCertificates"]),
    ...(options.args ?? []),
  ];
}

function clientOptions(tls: MongodTls | undefined): MongoClientOptions {
  const options: MongoClientOptions = {
    directConnection: true,
    serverSelectionTimeoutMS: SELECT_MS_MAX,
    maxPoolSize: 1,
  };
  if (tls === undefined) return options;
  const own = tls.clientCertificates === true;
  return {
    ...options,
    tls: true,
    tlsCAFile: tls.caFile,
    ...(own ? { tlsCertificateKeyFile: tls.certificateKeyFile } : {}),
  };
}

/** Makes the server a replica set of one if it has to be one and is not yet. */
async function takesWrites(
  port: number,
  replicaSet: string | false,
  options: MongoClientOptions,
): Promise<boolean> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/`, options);
  try {
    const admin = client.db("admin");
    const hello = await admin.command({ hello: 1 });
    if (replicaSet !== false && hello["setName"] === undefined) {
      const members = [{ _id: 0, host: `127.0.0.1:${port}` }];
      await admin.command({ replSetInitiate: { _id: replicaSet, members } });
      return false;
    }
    return hello["isWritablePrimary"] === true;
  } finally {
    await client.close();
  }
}
