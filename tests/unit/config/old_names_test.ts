import assert from "node:assert/strict";
import { idleVariables, insteadOf } from "../../../src/config/old_names.ts";
import { SETTING_NAMES, VARIABLES } from "../../../src/config/schema.ts";
import { assertFault, faultsOf, load, REQUIRED } from "../../support/load_config.ts";

/** All that other systems are told by variables, as `docs/migration.md` and their documents have it. */
const OF_OTHERS = [
  ...["RUST_LOG", "SERVER_PORT", "MANAGER_PORT", "PROCESSING_INTERVAL", "MAX_PROCESSING_TIME"],
  ...["DB_HOST", "DB_PORT", "DB_NAME", "REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD"],
];

function idle(env: Readonly<Record<string, string>>) {
  const result = load({ env: { ...REQUIRED, ...env } });
  assert(result.ok);
  return result.loaded.idle;
}

Deno.test("each variable of another system is warned of, with a setting that there is", () => {
  const env = Object.fromEntries(OF_OTHERS.map((name) => [name, "hunter22"]));
  const found = idleVariables((name) => env[name], () => false);
  assert.deepEqual(found.map(({ name }) => name).sort(), [...OF_OTHERS].sort());
  for (const { name, instead } of found) {
    assert(!VARIABLES.has(name), `${name} is a setting of ours`);
    const names = instead.match(/\b[A-Z][A-Z0-9]+_[A-Z_]+\b/g) ?? [];
    for (const each of names) assert(SETTING_NAMES.some((known) => known === each), each);
    assert(names.length > 0 || name === "MAX_PROCESSING_TIME", name);
    assert.doesNotMatch(instead, /hunter22/);
  }
});

Deno.test("who has set what takes its place is not warned", () => {
  assert.deepEqual(idle({ RUST_LOG: "info", LOG_LEVEL: "info" }), []);
  assert.deepEqual(idle({ SERVER_PORT: "8081", REDIS_HOST: "" }).map(({ name }) => name), [
    "SERVER_PORT",
  ]);
});

Deno.test("a variable that Kubernetes sets for a service is no warning", () => {
  assert.deepEqual(idle({ REDIS_PORT: "tcp://10.0.0.7:6379" }), []);
});

Deno.test("as a key of the YAML file it is a fault that names the setting, however it is written", () => {
  assertFault(faultsOf({}, "serverPort: 8081\n"), "serverPort", /another system/);
  for (const word of ["server_port", "--server-port", "SERVER_PORT", "serverPort"]) {
    assert.match(insteadOf(word) ?? "", /HTTP_ADDRESS/, word);
  }
  assert.equal(insteadOf("batchTimeout"), undefined);
});
