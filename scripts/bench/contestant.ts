import type { Backlog } from "./backlog.ts";
import type { Measurement } from "./measurement.ts";

/** A program, with its settings, that takes a backlog somewhere. */
export interface Contestant {
  readonly name: string;
  /** Runs it once over the whole backlog. Throws if it does not get through. */
  run(backlog: Backlog): Promise<Measurement>;
}

/** Where contestants read and write. */
export interface Arena {
  readonly mongodPid: number;
  readonly s3: S3Place;
  /** A folder for what goes to disk. */
  readonly folder: string;
}

/** The same before there is a mongod. */
export type Place = Omit<Arena, "mongodPid">;

export interface S3Place {
  readonly endpoint: string;
  readonly bucket: string;
}

let runs = 0;

/** A name that no other run of this process has, for a prefix or a folder. */
export function runName(): string {
  return `run-${++runs}`;
}
