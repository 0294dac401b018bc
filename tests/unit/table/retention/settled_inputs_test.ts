import assert from "node:assert/strict";
import { unsettledFault } from "../../../../src/table/retention/settled_inputs.ts";
import type { JournalRecord } from "../../../../src/model/record.ts";
import { FOLDER } from "../../../support/table_world.ts";
import { joinedWorld, smallOf } from "./joined_world.ts";

Deno.test("unsettledFault says of which record, and nothing of what is settled", async () => {
  const world = await joinedWorld();
  const objects = (await world.records()).flatMap((record) =>
    record.kind === "batch" ? record.objects : []
  );
  const rows = new Map(objects.map((object) => [object.key, object.rows]));
  const inputs = (await smallOf(world)).map((key) => ({
    ...{ path: key.slice(FOLDER.length + 1), bytes: 1, rows: rows.get(key)! },
  }));
  const { journal } = world;
  const judge = (change: (record: JournalRecord) => JournalRecord | undefined, from = inputs) => {
    const changed = async (record: Promise<JournalRecord | undefined>) => {
      const found = await record;
      return found && change(found);
    };
    return unsettledFault(
      {
        read: (key, seq) => changed(journal.read(key, seq)),
        last: (key, hint) => changed(journal.last(key, hint)),
      },
      FOLDER,
      from,
    );
  };
  assert.equal(await judge((record) => record), undefined);
  assert.match((await judge(() => undefined))!, /is not settled/);
  const voided = (record: JournalRecord) => ({ ...record, kind: "void" }) as JournalRecord;
  assert.match((await judge(voided))!, /record \d+ of collection\.shop\.orders is not settled/);
  const others = (record: JournalRecord) =>
    record.kind === "batch" ? { ...record, objects: [] } : record;
  assert.match((await judge(others))!, /does not name ".*\.parquet" as it is/);
  const more = inputs.map((input) => ({ ...input, rows: input.rows + 1 }));
  assert.match((await judge((record) => record, more))!, /does not name/);
  const strange = [{ path: "x.parquet", bytes: 1, rows: 1 }];
  assert.match((await judge((record) => record, strange))!, /is no object of a journal/);
});
