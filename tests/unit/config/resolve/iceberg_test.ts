import assert from "node:assert/strict";
import { assertFault, configOf, faultsOf } from "../../../support/load_config.ts";

const WATCHED = { MONGODB_DATABASE: "shop", TABLES: "iceberg" };
const CATALOG = { ...WATCHED, ICEBERG_CATALOG: "https://catalog.example/api/" };
const OF_GLUE = { ...WATCHED, ICEBERG_CATALOG: "https://glue.eu-central-1.amazonaws.com/iceberg" };

Deno.test("without ICEBERG_CATALOG there is no catalog, and nothing else about one", () => {
  assert.equal(configOf(WATCHED).iceberg, undefined);
  for (const name of ["ICEBERG_TOKEN", "ICEBERG_WAREHOUSE", "ICEBERG_SIGV4"]) {
    assertFault(faultsOf({ ...WATCHED, [name]: "lake" }), name, /ICEBERG_CATALOG is not set/);
  }
});

Deno.test("a catalog is an address without a slash, a namespace and nobody who logs in", () => {
  assert.deepEqual(configOf(CATALOG).iceberg, {
    url: "https://catalog.example/api",
    namespace: "{db}",
    login: { kind: "none" },
  });
});

Deno.test("a catalog is for tables of Iceberg", () => {
  assertFault(faultsOf({ ...CATALOG, TABLES: "delta" }), "ICEBERG_CATALOG", /TABLES is delta/);
  assert.ok(configOf({ ...CATALOG, TABLES: "delta,iceberg" }).iceberg);
});

Deno.test("the address ends before /v1", () => {
  const faults = faultsOf({ ...CATALOG, ICEBERG_CATALOG: "https://catalog.example/api/v1/" });
  assertFault(faults, "ICEBERG_CATALOG", /before \/v1/);
  assert.equal(faults[0]!.next, "Write https://catalog.example/api.");
});

Deno.test("a token, or a client id and its secret, which may have colons", () => {
  const loginOf = (env: Record<string, string>) => configOf({ ...CATALOG, ...env }).iceberg?.login;
  assert.deepEqual(loginOf({ ICEBERG_TOKEN: "of-somebody" }), {
    kind: "token",
    token: "of-somebody",
  });
  assert.deepEqual(loginOf({ ICEBERG_CREDENTIAL: "ours:hush:hush" }), {
    ...{ kind: "oauth2", clientId: "ours", clientSecret: "hush:hush", scope: "catalog" },
  });
  const all = {
    ICEBERG_CREDENTIAL: "ours:hush",
    ICEBERG_OAUTH2_SERVER_URI: "https://login.example/token",
    ICEBERG_OAUTH2_SCOPE: "PRINCIPAL_ROLE:ALL",
  };
  assert.deepEqual(loginOf(all), {
    ...{ kind: "oauth2", clientId: "ours", clientSecret: "hush" },
    ...{ serverUrl: "https://login.example/token", scope: "PRINCIPAL_ROLE:ALL" },
  });
});

Deno.test("there is one way to log in", () => {
  const both = {
    ...CATALOG,
    ICEBERG_TOKEN: "t",
    ICEBERG_SIGV4: "glue",
    AWS_REGION: "eu-central-1",
  };
  assertFault(faultsOf(both), "ICEBERG_SIGV4", /ICEBERG_TOKEN are two ways/);
  const server = { ...CATALOG, ICEBERG_OAUTH2_SERVER_URI: "https://login.example/token" };
  assertFault(faultsOf(server), "ICEBERG_OAUTH2_SERVER_URI", /CREDENTIAL, which is not set/);
});

Deno.test("AWS's addresses name the service and the region that requests are signed for", () => {
  const loginOf = (url: string, more = {}) =>
    configOf({ ...WATCHED, ICEBERG_CATALOG: url, ...more }).iceberg?.login;
  const glue = { kind: "sigv4", service: "glue", region: "eu-central-1" };
  assert.deepEqual(loginOf(OF_GLUE.ICEBERG_CATALOG, { AWS_REGION: "us-east-1" }), glue);
  assert.deepEqual(
    loginOf("https://vpce-1-2.glue.eu-central-1.vpce.amazonaws.com/iceberg"),
    glue,
  );
  assert.deepEqual(loginOf("https://s3tables.cn-north-1.amazonaws.com.cn/iceberg"), {
    ...{ kind: "sigv4", service: "s3tables", region: "cn-north-1" },
  });
  const own = { ICEBERG_SIGV4: "execute-api", AWS_REGION: "eu-west-1" };
  assert.deepEqual(loginOf("https://catalog.example", own), {
    ...{ kind: "sigv4", service: "execute-api", region: "eu-west-1" },
  });
});

Deno.test("a signature without a region is refused", () => {
  assertFault(faultsOf({ ...CATALOG, ICEBERG_SIGV4: "glue" }), "ICEBERG_SIGV4", /needs a region/);
});

const WRONG: readonly [string, string][] = [
  ["ICEBERG_CATALOG", "catalog.example"],
  ["ICEBERG_CATALOG", "https://user:hush@catalog.example/"],
  ["ICEBERG_NAMESPACE", "Lake"],
  ["ICEBERG_NAMESPACE", "lake..{db}"],
  ["ICEBERG_CREDENTIAL", "only-an-id"],
];

for (const [name, value] of WRONG) {
  Deno.test(`${name}=${value} is refused in a sentence`, () => {
    assertFault(faultsOf({ ...CATALOG, [name]: value }), name, /^It must be /);
  });
}
