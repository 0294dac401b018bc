import assert from "node:assert/strict";
import { assertFault, configOf, faultsOf } from "../../../support/load_config.ts";

const REDIS = { REDIS_URL: "redis://127.0.0.1:6379/0" };

Deno.test("resolveStateStore follows Redis, the destination, or its own setting", () => {
  const file = { DESTINATION: "file:///lake" };
  assert.deepEqual(configOf({}).stateStore, { kind: "memory" });
  assert.deepEqual(configOf(file).stateStore, {
    kind: "file",
    directory: "/lake/_tributary/state",
  });
  assert.deepEqual(configOf({ ...file, ...REDIS }).stateStore, { kind: "redis" });
  assert.deepEqual(configOf({ ...REDIS, STATE_STORE: "memory" }).stateStore, { kind: "memory" });
  assert.deepEqual(configOf({ STATE_STORE: "file:///state" }).stateStore, {
    kind: "file",
    directory: "/state",
  });
  assert.deepEqual(configOf({ ...REDIS, STATE_EXPIRY: "7d" }).stateStore, {
    kind: "redis",
    expiryMs: 604_800_000,
  });
});

Deno.test("resolveStateStore refuses Redis without an address, and expiry of anything else", () => {
  assertFault(faultsOf({ STATE_STORE: "redis" }), "STATE_STORE", /needs REDIS_URL/);
  assertFault(faultsOf({ STATE_EXPIRY: "7d" }), "STATE_EXPIRY", /Only states in Redis/);
});

Deno.test("resolveLock shares streams by Redis, in the destination, or not at all", () => {
  const kindOf = (env: Readonly<Record<string, string>>) => configOf(env).lock.kind;
  assert.equal(kindOf({}), "destination");
  assert.equal(kindOf(REDIS), "redis");
  assert.equal(kindOf({ ...REDIS, LEASES: "destination" }), "destination");
  assert.equal(kindOf({ ...REDIS, LEASES: "memory" }), "memory");
  assertFault(faultsOf({ LEASES: "redis" }), "LEASES", /need REDIS_URL/);
});

Deno.test("resolveLock goes by the older name of the setting, too", () => {
  const on = { DISTRIBUTED_LOCK_ENABLED: "true" };
  const off = { DISTRIBUTED_LOCK_ENABLED: "false" };
  assert.deepEqual([configOf({}).lock.isChosen, configOf(on).lock.isChosen], [false, true]);
  assert.equal(configOf({ ...on, STATE_STORE: "file:///state" }).lock.kind, "destination");
  assert.equal(configOf({ ...REDIS, ...on }).lock.kind, "redis");
  for (const more of [{}, REDIS]) assert.equal(configOf({ ...more, ...off }).lock.kind, "memory");
  const name = "DISTRIBUTED_LOCK_ENABLED";
  assertFault(faultsOf({ LEASES: "memory", ...on }), name, /shares streams, and LEASES=memory/);
  assertFault(faultsOf({ LEASES: "destination", ...off }), name, /shares nothing/);
});

Deno.test("resolveLock refuses a refresh that comes too late", () => {
  const name = "DISTRIBUTED_LOCK_REFRESH_INTERVAL";
  assertFault(faultsOf({ [name]: "15s" }), name, /less than half/);
  assertFault(faultsOf({ DISTRIBUTED_LOCK_TTL: "20s" }), name, /less than half/);
  assert.equal(configOf({ [name]: "14999ms" }).lock.refreshIntervalMs, 14_999);
});

Deno.test("resolveRedis takes every form of address", () => {
  for (
    const url of [
      "redis://127.0.0.1",
      "rediss://user:p%40ss@cache.example:6380/3",
      "redis+sentinel://:pw@h1:26379,h2:26379/mymaster/0",
      "rediss+cluster://[::1]:7000,h2:7001",
    ]
  ) {
    assert.deepEqual(configOf({ REDIS_URL: url }).redis, { url });
  }
});

Deno.test("resolveRedis refuses addresses that lead nowhere", () => {
  for (
    const [url, problem] of [
      ["redis://:6379", /^A host is not of the form name:port with a port from 1 to 65535\.$/],
      ["redis+cluster://a,,b", /form name:port/],
      ["redis://a:1,b:2", /only redis\+sentinel and redis\+cluster have several/],
      ["redis+sentinel://a:1", /master's name is missing/],
      // All that the driver would refuse later: there is one grammar.
      ["redis://user:p@ss@cache", /percent-encoded/],
      ["redis://cache:99999", /port from 1/],
      ["redis://cache/x", /not a database number/],
      ["redis://cache?family=6", /"family" is not known/],
    ] as const
  ) assertFault(faultsOf({ REDIS_URL: url }), "REDIS_URL", problem);
});

Deno.test("resolveHttp reads addresses of both families, and none", () => {
  for (
    const [address, expected] of [
      [":9090", { isChosen: true, host: "", port: 9090 }],
      ["0.0.0.0:80", { isChosen: true, host: "0.0.0.0", port: 80 }],
      ["[::1]:8080", { isChosen: true, host: "::1", port: 8080 }],
      ["none", undefined],
    ] as const
  ) {
    assert.deepEqual(configOf({ HTTP_ADDRESS: address }).http, expected);
  }
});

Deno.test("resolveHttp takes a certificate only with its key", () => {
  const both = { HTTP_TLS_CERT: "c.pem", HTTP_TLS_KEY: "k.pem" };
  assert.deepEqual(configOf(both).http?.tls, { certPath: "c.pem", keyPath: "k.pem" });
  assertFault(faultsOf({ HTTP_TLS_CERT: "c.pem" }), "HTTP_TLS_CERT", /needs HTTP_TLS_KEY/);
  assertFault(faultsOf({ HTTP_TLS_KEY: "k.pem" }), "HTTP_TLS_KEY", /needs HTTP_TLS_CERT/);
  assertFault(faultsOf({ HTTP_ADDRESS: ":70000" }), "HTTP_ADDRESS", /0 to 65535/);
});
