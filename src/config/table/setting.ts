import type { Config } from "../config.ts";
import type { Kind } from "./kinds.ts";

/** The parts of the configuration, in the order people meet them. */
export const SECTIONS = [
  "MongoDB",
  "Destination",
  "Objects",
  "Tables",
  "Batches and memory",
  "Retries",
  "State",
  "Redis and leases",
  "HTTP",
  "Logs and the rest",
] as const;

export type Section = typeof SECTIONS[number];

/** All there is to say about one setting. Flags, environment, YAML, defaults, checks and documents come from it. */
export interface Setting<T = unknown> {
  readonly section: Section;
  readonly kind: Kind<T>;
  readonly description: string;
  /** In the user's form. Absent: none, or derived from other settings as `defaultNote` says. */
  readonly default?: string;
  readonly defaultNote?: string;
  /** `whole`: never shown. `userinfo`: shown without user and password. Both can be read from a file with `_FILE`. */
  readonly secret?: "whole" | "userinfo";
  /** The field of the configuration that follows when settings are read again on SIGHUP. Absent: it needs a restart. */
  readonly reload?: keyof Config;
  /** What the short help says; it shows only settings that have this. */
  readonly short?: string;
  /** What stands for the value in help texts. */
  readonly placeholder: string;
}

/** The value a setting has once it is loaded. */
export type ValueOf<S> = S extends { readonly kind: Kind<infer T> }
  ? S extends { readonly default: string } ? T : T | undefined
  : never;

/** `BATCH_TIMEOUT` is `--batch-timeout` on the command line. */
export function flagName(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}

/** `BATCH_TIMEOUT` is `batchTimeout` in YAML. */
export function yamlKey(name: string): string {
  return name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
