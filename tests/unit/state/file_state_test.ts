import assert from "node:assert/strict";
import { PermanentError, TransientError } from "../../../src/model/errors.ts";
import { createFileState } from "../../../src/state/file_state.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { state } from "../../contract/state_store_contract.ts";

const PARTS = { clock: systemClock };

Deno.test("createFileState writes one readable file for each stream and leaves nothing aside", async () => {
  await using folder = await tempFolder();
  const store = createFileState(folder.path, PARTS);
  await store.save("collection.shop.orders", state(4));
  assert.deepEqual(await folder.names(), [".lock", "collection.shop.orders.json"]);
  const written = await Deno.readTextFile(`${folder.path}/collection.shop.orders.json`);
  assert.match(written, /^\{\n {2}"stream": "deployment",\n {2}"seq": 4,\n/);
});

Deno.test("createFileState overlooks what a crash left aside, and the next write replaces it", async () => {
  await using folder = await tempFolder();
  const store = createFileState(folder.path, PARTS);
  await Deno.writeTextFile(`${folder.path}/.deployment.tmp`, '{"stream": "depl');
  assert.deepEqual(await store.list(), new Map());
  await store.save("deployment", state(1));
  assert.deepEqual(await folder.names(), [".lock", "deployment.json"]);
});

Deno.test("createFileState does not wait for ever for another process", async () => {
  await using folder = await tempFolder();
  const holder = await Deno.open(`${folder.path}/.lock`, { create: true, write: true });
  await holder.lock(true);
  const store = createFileState(folder.path, { ...PARTS, lockWaitMs: 100 });
  await assert.rejects(store.save("deployment", state(1)), (error) => {
    assert(error instanceof TransientError);
    assert.match(error.message, /deployment.json": another process has held its lock for 100ms$/);
    return true;
  });
  holder.close();
  while (await store.save("deployment", state(2)).then(() => false, () => true));
  assert.equal((await store.load("deployment"))?.seq, 2);
});

Deno.test("createFileState goes on after a write that failed", async () => {
  await using folder = await tempFolder();
  const store = createFileState(folder.path, PARTS);
  await assert.rejects(store.save("../escape", state(1)), PermanentError);
  await store.save("deployment", state(1));
  assert.equal((await store.list()).size, 1);
});

Deno.test("createFileState refuses stream keys that are no file name", async () => {
  await using folder = await tempFolder();
  const store = createFileState(folder.path, PARTS);
  for (const key of ["", ".", "..", ".hidden", "a/b", "a\\b", "a\0b", "a:b"]) {
    await assert.rejects(store.load(key), PermanentError, key);
  }
});

Deno.test("createFileState names the file and field of a state somebody has damaged", async () => {
  await using folder = await tempFolder();
  const store = createFileState(folder.path, PARTS);
  const file = `${folder.path}/deployment.json`;
  for (
    const [text, message] of [["{", /deployment.json": .*JSON/], ["{}", /"stream" is missing/]]
  ) {
    await Deno.writeTextFile(file, text as string);
    await assert.rejects(store.load("deployment"), (error) => {
      assert(error instanceof PermanentError);
      assert.match(error.message, message as RegExp);
      return true;
    });
  }
});

Deno.test("createFileState sets a damaged state aside with the next save, and lists the others meanwhile", async () => {
  await using folder = await tempFolder();
  const store = createFileState(folder.path, PARTS);
  await store.save("other", state(1));
  for (const text of ["{", "{}", "\u0000\u0001", "", '{"seq":9999999999}']) {
    await Deno.writeTextFile(`${folder.path}/deployment.json`, text);
    assert.deepEqual([...(await store.list()).keys()], ["other"]);
    await store.save("deployment", state(2));
    assert.deepEqual(await store.load("deployment"), state(2));
    assert.equal(await Deno.readTextFile(`${folder.path}/.deployment.damaged`), text);
  }
});

Deno.test("createFileState says at once what only a person can change", async () => {
  await using folder = await tempFolder();
  await Deno.writeTextFile(`${folder.path}/file`, "");
  const store = createFileState(`${folder.path}/file`, PARTS);
  await assert.rejects(store.save("deployment", state(1)), PermanentError);
  await assert.rejects(store.list(), PermanentError);
});

interface TempFolder extends AsyncDisposable {
  readonly path: string;
  names(): Promise<string[]>;
}

async function tempFolder(): Promise<TempFolder> {
  const path = await Deno.makeTempDir();
  return {
    path,
    async names() {
      return (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).sort();
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
