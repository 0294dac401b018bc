import assert from "node:assert/strict";
import { KIND_SINCE, namesObjects } from "../../../src/model/record.ts";
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

Deno.test("no kind is said to be known since version 1 but those that version 1 has always had", () => {
  const folder = new URL("../../golden/journal/v1/", import.meta.url);
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
  const kinds = files.flatMap((name) =>
    JSON.parse(Deno.readTextFileSync(new URL(name, folder))).kind ?? []
  );
  const first = Object.entries(KIND_SINCE).filter(([, since]) => since === 1).map(([kind]) => kind);
  assert.deepEqual(first.sort(), [...new Set(kinds)].sort());
});
