import assert from "node:assert/strict";
import { PermanentError } from "../../../../../src/model/errors.ts";
import { createMongoClient } from "../../../../../src/source/mongo/client/mongo_client.ts";

Deno.test("createMongoClient lets as many streams wait as there are, and names the application", () => {
  const { options } = createMongoClient({ uri: "mongodb://db/" });
  assert.ok(options.maxPoolSize >= 10_000);
  assert.equal(options.maxConnecting, 8);
  assert.equal(options.appName, "tributary");
  assert.ok(options.serverSelectionTimeoutMS < 10_000);
});

Deno.test("createMongoClient lets the URI decide, but for the pool's size", () => {
  const uri = "mongodb://db/?appName=x&serverSelectionTimeoutMS=5&maxPoolSize=2" +
    "&minPoolSize=2&maxConnecting=1&readPreference=secondary&tls=true";
  const { options } = createMongoClient({ uri });
  assert.equal(options.appName, "x");
  assert.equal(options.serverSelectionTimeoutMS, 5);
  assert.ok(options.maxPoolSize >= 10_000);
  assert.equal(options.maxConnecting, 1);
  assert.equal(options.readPreference.mode, "secondary");
  assert.equal(options.tls, true);
});

Deno.test("createMongoClient lets the driver look at its pool rarely, unless that has connections to open", () => {
  const isRare = (uri: string) =>
    "minPoolSizeCheckFrequencyMS" in createMongoClient({ uri }).options;
  assert.equal(isRare("mongodb://db/"), true);
  assert.equal(isRare("mongodb://db/?minPoolSize=2"), false);
});

Deno.test("createMongoClient says what is wrong with a URI, without its password", () => {
  for (const uri of ["postgres://x:sesame@db/", "mongodb://x:sesame@db/?nonsense=1"]) {
    assert.throws(() => createMongoClient({ uri }), (error) => {
      assert.ok(error instanceof PermanentError, String(error));
      assert.match(error.message, /^Cannot use MONGODB_URI: /);
      assert.doesNotMatch(error.message + error.stack, /sesame/);
      return true;
    });
  }
});
