/** Loads configurations from maps, without a process around them. */
import assert from "node:assert/strict";
import type { Config } from "../../src/config/config.ts";
import type { Fault } from "../../src/config/read/fault.ts";
import type { ConfigSources } from "../../src/config/read/layers.ts";
import { loadConfig, type LoadResult } from "../../src/config/resolve/load.ts";

export interface Written {
  readonly flags?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Contents by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** The text of a YAML file that `--config` names. */
  readonly yaml?: string;
}

export const MACHINE = { hostName: "host-1", cores: 4 };

/** The settings without which nothing starts. */
export const REQUIRED = { MONGODB_URI: "mongodb://localhost:27017/", DESTINATION: "s3://lake/raw" };

export function sourcesOf(written: Written): ConfigSources {
  const files = {
    ...written.files,
    ...(written.yaml === undefined ? {} : { "t.yaml": written.yaml }),
  };
  const flags = { ...(written.yaml === undefined ? {} : { config: "t.yaml" }), ...written.flags };
  return {
    flags: new Map(Object.entries(flags)),
    env: (name) => written.env?.[name],
    readTextFile: (path) => {
      const text = files[path as keyof typeof files];
      if (text === undefined) throw new Error(`No such file: ${path}`);
      return text;
    },
  };
}

export function load(written: Written): LoadResult {
  return loadConfig(sourcesOf(written), MACHINE);
}

/** The configuration of these variables and the required ones; fails with the faults. */
export function configOf(env: Readonly<Record<string, string>>, yaml?: string): Config {
  const written = { env: { ...REQUIRED, ...env } };
  const result = load(yaml === undefined ? written : { ...written, yaml });
  assert(result.ok, result.ok ? "" : JSON.stringify(result.faults, null, 1));
  return result.config;
}

/** The faults of a load that must fail. */
export function faultsIn(result: LoadResult): readonly Fault[] {
  assert(!result.ok);
  return result.faults;
}

/** The faults of these variables and the required ones. */
export function faultsOf(env: Readonly<Record<string, string>>, yaml?: string): readonly Fault[] {
  const written = { env: { ...REQUIRED, ...env } };
  const result = load(yaml === undefined ? written : { ...written, yaml });
  return result.ok ? [] : result.faults;
}

/** Asserts that there is one fault, of this setting, whose problem fits. */
export function assertFault(faults: readonly Fault[], setting: string, problem: RegExp): void {
  assert.equal(faults.length, 1, JSON.stringify(faults, null, 1));
  assert.equal(faults[0]!.setting, setting);
  assert.match(faults[0]!.problem, problem);
}
