import { MongoClient, type ReadPreferenceMode } from "mongodb";
import { errorMessage, PermanentError } from "../../../model/errors.ts";
import { redact } from "../../../support/redact.ts";
import { withUsableCompressors } from "./mongo_compressors.ts";

/**
 * Each open stream keeps a connection busy while it waits for events, and how many collections there will be nobody knows:
 * so many that the streams and their openings are the limit. Where the pool was, streams would wait for each other's waits.
 */
const CONNECTIONS_MAX = 100_000;

/** Each new stream needs a connection, and with TLS and a password that is some hundred milliseconds of waiting. */
const CONNECTING_MAX = 8;

/** A host that cannot be reached is named within ten seconds: this, and a little for the driver's own steps. */
const WAIT_MS = 8_000;

/**
 * Ten times a second the driver looks whether its pool has connections to open or to close, and wakes an idle process for
 * that. Who takes one is given none that is too old in any case.
 */
const POOL_LOOK_MS = 10_000;

export interface MongoClientOptions {
  /**
   * `mongodb://` or `mongodb+srv://` with any option of the driver, also for TLS with a private authority
   * (`tls=true&tlsCAFile=...`) and X.509 (`authMechanism=MONGODB-X509&tlsCertificateKeyFile=...`). The `+srv` form asks
   * the DNS server for the hosts: where the executable may talk to named hosts only, that server must be one of them.
   */
  readonly uri: string;
  /** In place of what the URI says. */
  readonly readPreference?: ReadPreferenceMode;
}

/**
 * A client that connects with its first command and reads from the primary unless the URI says otherwise. Commands are never sent twice by the driver: the pipeline decides what is tried again.
 *
 * @throws {PermanentError} if the URI is wrong. The message does not contain its password.
 */
export function createMongoClient(options: MongoClientOptions): MongoClient {
  const { uri } = withUsableCompressors(options.uri);
  try {
    return withRarePoolLooks(
      new MongoClient(uri, {
        ...unlessIn(uri, "appName", "tributary"),
        ...unlessIn(uri, "serverSelectionTimeoutMS", WAIT_MS),
        ...unlessIn(uri, "connectTimeoutMS", WAIT_MS),
        ...unlessIn(uri, "waitQueueTimeoutMS", WAIT_MS),
        ...unlessIn(uri, "maxConnecting", CONNECTING_MAX),
        maxPoolSize: CONNECTIONS_MAX,
        ...(options.readPreference === undefined ? {} : { readPreference: options.readPreference }),
      }),
    );
  } catch (error) {
    throw new PermanentError(`Cannot use MONGODB_URI: ${redact(errorMessage(error))}`);
  }
}

/** A pool that is to have some connections always opens one a look; the option is the driver's own, and in no URI. */
function withRarePoolLooks(client: MongoClient): MongoClient {
  const { options } = client;
  if (options.minPoolSize === 0) {
    Object.assign(options, { minPoolSizeCheckFrequencyMS: POOL_LOOK_MS });
  }
  return client;
}

/** What the URI says explicitly wins over our defaults. */
function unlessIn(uri: string, name: string, value: string | number): Record<string, unknown> {
  return new RegExp(`[?&]${name}=`, "i").test(uri) ? {} : { [name]: value };
}
