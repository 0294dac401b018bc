/** The files of deploy/ as tests read them. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import type { Config } from "../../src/config/config.ts";
import { parseEnvFile } from "../../src/config/read/env_file.ts";
import { loadConfig } from "../../src/config/resolve/load.ts";
import { VARIABLES } from "../../src/config/table/schema.ts";
import { ROOT } from "./tidy/source_file.ts";

/** Variables of the AWS SDK, of the runtime and of the file's place, which are no settings of ours. */
const FOREIGN = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "SSL_CERT_FILE", "TRIBUTARY_CONFIG"];

// deno-lint-ignore no-explicit-any
export type Yaml = any;

export function read(path: string): string {
  return Deno.readTextFileSync(`${ROOT}deploy/${path}`);
}

export function yaml(path: string): Yaml {
  return parse(read(path), { merge: true });
}

/** `NAME=value` lines; with `#NAME=` those that are commented out. */
export function environmentFile(text: string): Record<string, string> {
  const { variables, faults } = parseEnvFile(text.replaceAll(/^#(?=[A-Z][A-Z0-9_]*=)/gm, ""), "");
  assert.deepEqual(faults, []);
  return Object.fromEntries([...variables].map(([name, { value }]) => [name, value]));
}

/** The environment of a deployment's container, with the secrets of deploy/kubernetes/base/secret.example.yaml. */
export function settingsIn(configMap: Yaml, deployment: Yaml): Record<string, string> {
  const [container] = deployment.spec.template.spec.containers;
  assert.equal(container.envFrom[0].configMapRef.name, configMap.metadata.name);
  const secret = yaml("kubernetes/base/secret.example.yaml");
  const env: Record<string, string> = { ...configMap.data };
  for (const { name, value, valueFrom } of container.env) {
    const key = valueFrom?.secretKeyRef;
    if (key !== undefined) assert.equal(key.name, secret.metadata.name);
    env[name] = value ?? (key === undefined ? "tributary-abc" : secret.stringData[key.key]);
  }
  return env;
}

/** Every variable must be a setting, and all together a configuration without a fault. */
export function assertSettings(
  env: Readonly<Record<string, string>>,
  where: string,
  files: Readonly<Record<string, string>> = {},
): Config {
  for (const name of Object.keys(env)) {
    assert(VARIABLES.has(name) || FOREIGN.includes(name), `${where}: ${name} is no setting`);
  }
  const result = loadConfig({
    flags: new Map(),
    env: (name) => env[name],
    readTextFile: (path) => files[path] ?? assert.fail(`${where}: there is no ${path}`),
  }, { hostName: "host", cores: 2 });
  assert(result.ok, `${where}: ${JSON.stringify(result)}`);
  return result.config;
}
