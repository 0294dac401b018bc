import type { ListenAddress } from "../model/address/http_address.ts";
import type { IcebergCatalogSettings } from "../model/address/iceberg_settings.ts";
import type { S3Settings } from "../model/address/s3_settings.ts";
import type { TableFormat } from "../model/table_format.ts";
import type { OnHistoryLost, StartFrom } from "../model/start_from.ts";
import type {
  Encoding,
  FullDocument,
  FullDocumentBeforeChange,
  KeyRule,
  NamespaceFilter,
} from "../model/settings.ts";
import type { SnapshotWish } from "../model/snapshot_wish.ts";
import type { LogLevel } from "../support/log.ts";

/** Everything the program is told, checked and complete. Frozen. */
export interface Config extends LakeConfig {
  /** With user and password: never to be shown. */
  readonly mongodbUri: string;
  readonly watch: Watch;
  readonly snapshot: SnapshotWish;
}

/** Which members of a replica set are read from. */
export type ReadPreference =
  | "primary"
  | "primaryPreferred"
  | "secondary"
  | "secondaryPreferred"
  | "nearest";

/** What verbs are told that look at a lake and need no MongoDB; which one and what of it is left out. Frozen. */
export interface LakeConfig {
  /** With user and password: never to be shown. Checked if it is there. */
  readonly mongodbUri?: string;
  /** Streams that each collection is divided into on its first start. */
  readonly partitions: number;
  readonly fullDocument: FullDocument;
  readonly fullDocumentBeforeChange: FullDocumentBeforeChange;
  /** Aggregation stages in canonical Extended JSON. */
  readonly stages: readonly unknown[];
  /** Dotted paths of fields that are removed from all events: sorted, each once. */
  readonly redact: readonly string[];
  readonly startFrom: StartFrom;
  readonly onHistoryLost: OnHistoryLost;
  readonly reading: "shared" | "own";
  /** Ranges that are read at once, by all copies together. */
  readonly snapshotParallel: number;
  /** Documents a second, of all copies together; absent: no limit. */
  readonly snapshotRateMax?: number;
  readonly snapshotReadPreference: ReadPreference;

  readonly destination: DestinationTarget;
  /** Where records and the like lie; absent: in the destination. */
  readonly journal?: DestinationTarget;
  readonly s3: S3Settings;
  readonly encoding: Encoding;
  readonly keyRule: KeyRule;

  /** None: no tables are kept. */
  readonly tables: readonly TableFormat[];
  readonly tableIntervalMs: number;
  /** Whether small objects are joined to larger ones. */
  readonly tableCompaction: boolean;
  /** How long no table must have named a joined object before it is deleted; absent: none ever is. */
  readonly tableRetentionMs?: number;
  /** Who may write tables that begin now. */
  readonly tableWriters: "ours" | "any";
  /** Who is told of tables of Iceberg; absent: they are files alone. With a token or a secret: never to be shown. */
  readonly iceberg?: IcebergCatalogSettings;

  readonly batchRowsMax: number;
  readonly batchTimeoutMs: number;
  readonly batchBytesMax: number;
  readonly memoryBudgetBytes: number;
  /** Threads; 0 encodes inline. */
  readonly encoders: number;
  readonly uploadsInFlight: number;

  readonly maxRetries: number;
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;

  readonly pipelineName: string;
  readonly recordFormat: "auto" | 1 | 2 | 3;
  readonly stateStore: StateStoreTarget;
  readonly redis?: RedisOptions;
  readonly lock: LockOptions;
  readonly instanceName: string;

  /** Undefined: no server. */
  readonly http?: HttpOptions;
  readonly readyMaxLagMs: number;
  readonly metricsPrefix: string;
  readonly logLevel: LogLevel;
  /** Undefined: text on a terminal, else json. */
  readonly logFormat?: "json" | "text";
  readonly shutdownTimeoutMs: number;
}

/** What verbs are told that look at MongoDB alone. Frozen. */
export type SourceConfig = Pick<
  Config,
  | "mongodbUri"
  | "watch"
  | "fullDocument"
  | "fullDocumentBeforeChange"
  | "stages"
  | "redact"
  | "reading"
  | "encoding"
>;

/** What is watched. */
export type Watch =
  | { readonly level: "deployment"; readonly filter: NamespaceFilter }
  | { readonly level: "database"; readonly database: string; readonly filter: NamespaceFilter }
  | CollectionWatch;

/**
 * One stream for each of `collections`, and one for each collection that `filter` lets through at start, where its
 * patterns hold a `*`. With no collection named, `database` is the one whose collections are listed.
 */
export interface CollectionWatch {
  readonly level: "collection";
  readonly collections: readonly CollectionName[];
  /** Whether the server must be asked which collections there are. */
  readonly listing: boolean;
  readonly filter: NamespaceFilter;
}

export interface CollectionName {
  readonly database: string;
  readonly collection: string;
}

/** A prefix has no slash at either end; it may be empty. */
export type DestinationTarget =
  | { readonly scheme: "s3"; readonly bucket: string; readonly prefix: string }
  | { readonly scheme: "file"; readonly directory: string };

export type StateStoreTarget =
  | { readonly kind: "memory" }
  | { readonly kind: "file"; readonly directory: string }
  /** `expiryMs` absent: states are kept for ever. */
  | { readonly kind: "redis"; readonly expiryMs?: number };

export interface RedisOptions {
  /** With user and password: never to be shown. */
  readonly url: string;
}

export interface LockOptions {
  /** `memory`: one instance, nothing is shared. `destination`: where the lake's own files lie. */
  readonly kind: "memory" | "destination" | "redis";
  /** Whether somebody has chosen it; what follows from other settings gives way where the store cannot do it. */
  readonly isChosen: boolean;
  readonly ttlMs: number;
  readonly refreshIntervalMs: number;
  readonly retryIntervalMs: number;
  readonly keyPrefix: string;
}

export interface HttpOptions extends ListenAddress {
  /** Whether somebody has written HTTP_ADDRESS; the default gives way where the port is taken. */
  readonly isChosen: boolean;
  /** A secret. */
  readonly token?: string;
  /** Paths of PEM files. */
  readonly tls?: { readonly certPath: string; readonly keyPath: string };
}
