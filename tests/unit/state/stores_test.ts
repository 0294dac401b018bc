import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { PermanentError } from "../../../src/model/errors.ts";
import { createStateStore } from "../../../src/state/stores.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { state } from "../../contract/state_store_contract.ts";

const PARTS = { clock: systemClock, pipeline: "lake/../x" };

Deno.test("createStateStore makes a memory store", async () => {
  const store = createStateStore("memory", PARTS);
  await store.save("deployment", state(1));
  assert.equal((await store.load("deployment"))?.seq, 1);
});

Deno.test("createStateStore puts a file store in a folder of the pipeline's own", async () => {
  const folder = await Deno.makeTempDir({ prefix: "state store " });
  const store = createStateStore(pathToFileURL(folder).href, PARTS);
  await store.save("deployment", state(1));
  const written = await Deno.readTextFile(`${folder}/lake%2F..%2Fx/deployment.json`);
  assert.match(written, /"seq": 1/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("createStateStore gives a Redis store the caller and prefix it was given", async () => {
  const calls: unknown[][] = [];
  const caller = {
    call(...args: unknown[]) {
      calls.push(args);
      return Promise.resolve([]);
    },
  };
  const redis = { caller, keyPrefix: "{tributary:orders}" };
  assert.equal(await createStateStore("redis", { ...PARTS, redis }).load("deployment"), undefined);
  assert.deepEqual(calls, [["HGETALL", "{tributary:orders}:state:deployment"]]);
});

Deno.test("createStateStore refuses what it does not know and Redis that is not there", () => {
  const cases: [string, RegExp][] = [
    ["redis", /^Cannot keep state in Redis: no Redis URL is set$/],
    ["ftp://host/dir", /^Cannot keep state in "ftp": a state store is one of memory, file, redis$/],
    ["toString", /one of memory, file, redis$/],
    ["", /one of memory, file, redis$/],
    ["file://host/dir", /^Cannot keep state in "file:\/\/host\/dir": a folder is written as file:/],
  ];
  for (const [location, message] of cases) {
    assert.throws(() => createStateStore(location, PARTS), (error) => {
      assert(error instanceof PermanentError);
      assert.match(error.message, message);
      return true;
    });
  }
});
