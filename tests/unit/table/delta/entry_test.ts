import assert from "node:assert/strict";
import { needEntry, readEntry } from "../../../../src/table/delta/entry.ts";
import { entryKey, putEntry } from "../../../../src/table/delta/files.ts";
import { deltaStore, FOLDER, writeLog } from "../../../support/table_world.ts";

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
