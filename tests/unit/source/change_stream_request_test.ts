import assert from "node:assert/strict";
import { positionAt } from "../../../src/model/position.ts";
import { groupStream } from "../../../src/source/change_stream_request.ts";
import { PLAIN_SETTINGS } from "../../contract/source_contract.ts";

const names = [{ database: "shop", collection: "a" }];
const from = positionAt({ t: 1, i: 1 });
const settings = { ...PLAIN_SETTINGS, namespaces: { include: ["x.*"], exclude: [] } };

Deno.test("groupStream is a change stream of the database or the deployment, whatever patterns there are", () => {
  const one = groupStream({ database: "shop", names, from, settings });
  assert.deepEqual(one.stream, { level: "database", database: "shop" });
  assert.deepEqual(one.members, names);
  assert.deepEqual(one.settings.namespaces, { include: [], exclude: [] });
  assert.deepEqual(groupStream({ names, from, settings }).stream, { level: "deployment" });
});

Deno.test("groupStream names no collections where all events are to pass", () => {
  assert.equal(groupStream({ names, from, settings, unfiltered: true }).members, undefined);
});
