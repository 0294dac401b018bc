import assert from "node:assert/strict";
import { BSON, type Document, Timestamp } from "mongodb";
import { HistoryLostError, PermanentError } from "../../../../src/model/errors.ts";
import { positionAt } from "../../../../src/model/position.ts";
import type { OpenRequest } from "../../../../src/pipeline/ports.ts";
import { canSplitLargeEvents, openStream } from "../../../../src/source/mongo/open_stream.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { PLAIN_SETTINGS } from "../../../contract/source_contract.ts";
import { fakeClient, serverError } from "../fake_client.ts";

const never = new AbortController().signal;
const OPTIONS = { clock: systemClock, awaitMs: 5, idleAwaitMsMax: () => 40, replied: () => {} };

const REQUEST: OpenRequest = {
  stream: { level: "database", database: "shop" },
  from: positionAt({ t: 60, i: 1 }),
  settings: PLAIN_SETTINGS,
  images: "as-set",
};

/** A member whose version is `version` and that answers aggregate with what `aggregate` gives. */
function server(version: string, aggregate: (command: Document) => unknown) {
  return fakeClient((command: Document) => {
    if (command["hello"]) return { setName: "rs0", operationTime: new Timestamp({ t: 99, i: 1 }) };
    if (command["buildInfo"]) return { version };
    if (command["find"]) return { cursor: { firstBatch: [{ ts: new Timestamp({ t: 9, i: 1 }) }] } };
    if (command["aggregate"]) return aggregate(command);
    return {};
  });
}

const opened = {
  cursor: BSON.serialize({ id: 7n, ns: "shop.$cmd.aggregate", firstBatch: [] }),
};

Deno.test("canSplitLargeEvents follows the releases that have the stage", () => {
  for (const version of ["6.0.9", "6.0.19", "7.0.0", "8.1.2-rc0"]) {
    assert.equal(canSplitLargeEvents(version), true, version);
  }
  for (const version of ["5.0.30", "6.0.5", "6.0.8", "6.3.1", "4.4.0", "strange"]) {
    assert.equal(canSplitLargeEvents(version), false, version);
  }
});

Deno.test("openStream asks for no events and for what the majority has", async () => {
  const { client, sent } = server("7.0.0", () => opened);
  const cursor = await openStream(client, REQUEST, OPTIONS, never);
  const { command, options, database } = sent.find((s) => s.command["aggregate"])!;
  assert.equal(database, "shop");
  assert.equal(command["aggregate"], 1);
  assert.deepEqual(command["cursor"], { batchSize: 0 });
  assert.deepEqual(command["readConcern"], { level: "majority" });
  assert.equal(options["raw"], true);
  assert.deepEqual(command["pipeline"].at(-1), { $changeStreamSplitLargeEvent: {} });
  await cursor.close();
  const kill = sent.at(-1)!.command;
  assert.deepEqual(kill, { killCursors: "$cmd.aggregate", cursors: [7n] });
});

Deno.test("openStream does without the split stage where the server does not know it", async () => {
  const { client, sent } = server("7.0.0", (command) => {
    if (command["pipeline"].length > 1) throw serverError(40324, "Unrecognized");
    return opened;
  });
  await (await openStream(client, REQUEST, OPTIONS, never)).close();
  assert.equal(sent.filter((s) => s.command["aggregate"]).length, 2);
  const older = server("6.0.5", () => opened);
  await (await openStream(older.client, REQUEST, OPTIONS, never)).close();
  assert.equal(older.sent.find((s) => s.command["aggregate"])!.command["pipeline"].length, 1);
});

Deno.test("openStream judges what the server answers", async () => {
  const refused = server("6.0.5", () => {
    throw serverError(40324, "Unrecognized");
  });
  await assert.rejects(openStream(refused.client, REQUEST, OPTIONS, never), PermanentError);
  const early = { ...REQUEST, from: positionAt({ t: 5, i: 1 }) };
  const { client, sent } = server("6.0.5", () => opened);
  await assert.rejects(openStream(client, early, OPTIONS, never), HistoryLostError);
  assert.equal(sent.some((s) => s.command["aggregate"]), false);
});

Deno.test("openStream rejects with the reason of an aborted signal", async () => {
  const abort = new AbortController();
  const { client } = server("6.0.5", () => {
    abort.abort(new Error("enough"));
    throw serverError(1, "connection closed");
  });
  await assert.rejects(openStream(client, REQUEST, OPTIONS, abort.signal), /enough/);
});
