import assert from "node:assert/strict";
import { needEntries, needEntry, readEntry } from "../../../../src/table/delta/entry.ts";
import { encodePath } from "../../../../src/table/delta/actions.ts";
import { entryKey, putEntry } from "../../../../src/table/delta/files.ts";
import { deltaStore, fileNumber, FOLDER, writeLog } from "../../../support/table_world.ts";

Deno.test("readEntry reads a commit's actions, and needEntry says that one is missing", async () => {
  const store = deltaStore();
  await writeLog(store, 0, 0);
  const actions = await readEntry(store, FOLDER, 0);
  assert.deepEqual(actions!.map((action) => Object.keys(action)[0]), [
    ...["commitInfo", "protocol", "metaData", "txn", "txn", "add"],
  ]);
  assert.equal(await readEntry(store, FOLDER, 1), undefined);
  await assert.rejects(needEntry(store, FOLDER, 1), /its log lacks the entry 1/);
});

Deno.test("an entry that is no JSON is refused in one sentence", async () => {
  const store = deltaStore();
  await putEntry(store, FOLDER, 0, new TextEncoder().encode('{"txn":{}}\n{'));
  await assert.rejects(
    readEntry(store, FOLDER, 0),
    /Cannot write the table in "db=shop\/coll=orders\/": its log entry 0 cannot be read/,
  );
});

Deno.test("an entry of JSON that is no action is refused like one that is none", async () => {
  const store = deltaStore();
  for (const text of ["null", "7", '{"commitInfo":{}}\nnull\n']) {
    await store.replace(entryKey(FOLDER, 0), new TextEncoder().encode(text));
    await assert.rejects(
      readEntry(store, FOLDER, 0),
      /entry 0 cannot be read \(\w+ is no action\)/,
    );
  }
});

Deno.test("needEntries gives the actions of all entries in order, and fails where one is missing", async () => {
  const store = deltaStore();
  await writeLog(store, 0, 40);
  const paths = await Array.fromAsync(needEntries(store, FOLDER, 3, 40));
  assert.deepEqual(
    paths.flatMap(({ add }) => add === undefined ? [] : [add.path]),
    Array.from({ length: 38 }, (_, i) => encodePath(fileNumber(i + 3).path)),
  );
  await assert.rejects(Array.fromAsync(needEntries(store, FOLDER, 39, 41)), /lacks the entry 41/);
});
