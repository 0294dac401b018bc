import assert from "node:assert/strict";
import { nestedRows } from "../../../../src/encode/parquet/nested_rows.ts";
import {
  type Action,
  addOf,
  newMetaData,
  newProtocol,
} from "../../../../src/table/delta/actions.ts";
import {
  encodeCheckpoint,
  readCheckpoint,
  readCheckpointHead,
} from "../../../../src/table/delta/checkpoint.ts";
import { checkpointKey } from "../../../../src/table/delta/files.ts";
import { TableFault } from "../../../../src/table/table_log.ts";
import { deltaStore, fileNumber, FOLDER } from "../../../support/table_world.ts";

Deno.test("a checkpoint gives back all actions as they were, and its head alone", async () => {
  const head: Action[] = [
    { protocol: newProtocol("ours") },
    { metaData: newMetaData("id", { database: "shop", collection: "orders" }, 1) },
    { txn: { appId: "s@l", version: 2 ** 52 } },
  ];
  const files: Action[] = [
    { add: { ...addOf(fileNumber(1)), tags: { a: "b" } } },
    { remove: { path: "x", deletionTimestamp: 5, dataChange: false } },
  ];
  const store = deltaStore();
  const bytes = encodeCheckpoint(nestedRows, [...head, ...files]);
  await store.putIfAbsent(checkpointKey(FOLDER, 9), bytes);
  const told = (actions: Action[]) => actions.filter((each) => Object.keys(each).length > 0);
  assert.deepEqual(told(await readCheckpointHead(store, FOLDER, 9)), head);
  assert.deepEqual(told(await readCheckpoint(store, FOLDER, 9, ["add", "remove"])), files);
  await assert.rejects(readCheckpointHead(store, FOLDER, 10), TableFault);
});
