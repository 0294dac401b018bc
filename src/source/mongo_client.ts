import { MongoClient } from "mongodb";

/** Connections beside those that open streams wait on: commands, cursors being closed, preflight. */
const SPARE_CONNECTIONS = 8;

/** A wrong host is reported within ten seconds: this, and what the driver needs to close. */
const SERVER_SELECTION_MS = 8_000;

export interface MongoClientOptions {
  readonly uri: string;
  /** Each open stream keeps one connection busy while it waits for events. */
  readonly streamsMax: number;
}

/** A client that has not connected yet: it does with its first command. */
export function createMongoClient(options: MongoClientOptions): MongoClient {
  return new MongoClient(options.uri, {
    appName: "tributary",
    maxPoolSize: options.streamsMax + SPARE_CONNECTIONS,
    serverSelectionTimeoutMS: SERVER_SELECTION_MS,
    connectTimeoutMS: SERVER_SELECTION_MS,
  });
}
