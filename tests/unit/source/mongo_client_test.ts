import assert from "node:assert/strict";
import { PermanentError } from "../../../src/model/errors.ts";
import { createMongoClient } from "../../../src/source/mongo_client.ts";

Deno.test("createMongoClient sizes the pool by the streams and names the application", () => {
  const { options } = createMongoClient({ uri: "mongodb://db/", streamsMax: 200 });
  assert.ok(options.maxPoolSize > 200);
  assert.equal(options.appName, "tributary");
  assert.ok(options.serverSelectionTimeoutMS < 10_000);
});

Deno.test("createMongoClient lets the URI decide, but for the pool's size", () => {
  const uri = "mongodb://db/?appName=x&serverSelectionTimeoutMS=5&maxPoolSize=2" +
    "&readPreference=secondary&tls=true";
  const { options } = createMongoClient({ uri, streamsMax: 10 });
  assert.equal(options.appName, "x");
  assert.equal(options.serverSelectionTimeoutMS, 5);
  assert.ok(options.maxPoolSize > 10);
  assert.equal(options.readPreference.mode, "secondary");
  assert.equal(options.tls, true);
});

Deno.test("createMongoClient says what is wrong with a URI, without its password", () => {
  for (const uri of ["postgres://x:sesame@db/", "mongodb://x:sesame@db/?nonsense=1"]) {
    assert.throws(() => createMongoClient({ uri, streamsMax: 1 }), (error) => {
      assert.ok(error instanceof PermanentError, String(error));
      assert.match(error.message, /^Cannot use MONGODB_URI: /);
      assert.doesNotMatch(error.message + error.stack, /sesame/);
      return true;
    });
  }
});
