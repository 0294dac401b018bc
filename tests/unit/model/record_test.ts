import assert from "node:assert/strict";
import { namesObjects } from "../../../src/model/record.ts";
import { genesis, heartbeat } from "../../contract/journal_contract.ts";

Deno.test("namesObjects says which records are durable only once their objects are there", () => {
  const object = { key: "a", database: "d", collection: "c", bucket: "", rows: 1, bytes: 1 };
  const letter = { key: "b", bytes: 1, events: [{ data: "82", reason: "r" }] };
  const batch = { ...heartbeat(1), kind: "batch", objects: [], deadLetters: [] } as const;
  assert.equal(namesObjects({ ...batch, objects: [object] }), true);
  assert.equal(namesObjects({ ...batch, deadLetters: [letter] }), true);
  assert.equal(namesObjects(batch), false);
  assert.equal(namesObjects(genesis("g")), false);
  assert.equal(namesObjects(heartbeat(1)), false);
});
