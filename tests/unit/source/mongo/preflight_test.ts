import assert from "node:assert/strict";
import { type Document, Timestamp } from "mongodb";
import { PermanentError } from "../../../../src/model/errors.ts";
import type { FullDocument, StreamSettings } from "../../../../src/model/settings.ts";
import { preflight } from "../../../../src/source/mongo/preflight.ts";
import type { GroupSource } from "../../../../src/source/shared/group_source.ts";
import { PLAIN_SETTINGS } from "../../../contract/source_contract.ts";
import { fakeClient, serverError } from "../fake_client.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

/** Ten seconds behind the server's. */
const CLOCK = new VirtualClock({ wallMs: 8_000_000 - 10_000 });

const never = new AbortController().signal;

/** An oplog of two hours, of a database with one collection that keeps images and one that does not. */
const { client } = fakeClient((command: Document) => {
  if (command["hello"]) {
    return {
      setName: "rs0",
      operationTime: new Timestamp({ t: 8000, i: 1 }),
      localTime: new Date(8_000_000),
    };
  }
  if (command["buildInfo"]) return { version: "6.0.5" };
  if (command["replSetGetConfig"]) throw serverError(13);
  if (command["listCollections"]) {
    return [{ name: "plain" }, {
      name: "kept",
      options: { changeStreamPreAndPostImages: { enabled: true } },
    }];
  }
  const t = command["sort"].$natural === 1 ? 800 : 8000;
  return { cursor: { firstBatch: [{ ts: new Timestamp({ t, i: 1 }) }] } };
});

const closed: string[] = [];

/** Streams of the collection `bad` cannot be opened, those of `broken` not read. */
const source: GroupSource = {
  describe: () => Promise.resolve({ identity: {}, operationTime: { t: 1, i: 1 }, version: "" }),
  open: ({ stream }) => {
    const name = stream.level === "collection" ? stream.collection : stream.level;
    if (name === "bad") return Promise.reject(new PermanentError("may not be opened"));
    return Promise.resolve({
      next: () =>
        name === "broken"
          ? Promise.reject(new PermanentError("cannot be read"))
          : Promise.resolve({} as never),
      close: () => Promise.resolve(void closed.push(name)),
    });
  },
  idle: { awaitMs: 1, awaitMsMax: () => 1 },
  admit: () => Promise.reject(new Error("nothing is shared")),
  openGroup: () => Promise.reject(new Error("nothing is shared")),
};

function collection(name: string) {
  return { level: "collection", database: "shop", collection: name } as const;
}

Deno.test("preflight tells version, topology, window, and each stream's fault", async () => {
  const streams = [collection("good"), collection("bad"), collection("broken")];
  const facts = await preflight(
    client,
    source,
    { streams, settings: PLAIN_SETTINGS },
    CLOCK,
    never,
  );
  assert.deepEqual(facts, {
    version: "6.0.5",
    topology: "replica set",
    identity: { setName: "rs0" },
    oplogWindowHours: 2,
    clockAheadMs: 10_000,
    streams: [
      { stream: "collection:shop.good" },
      { stream: "collection:shop.bad", fault: "may not be opened" },
      { stream: "collection:shop.broken", fault: "cannot be read" },
    ],
    readers: [{ form: "collection", streams: [collection("good")], alone: "own" }],
    partitions: 1,
    withoutImages: [],
  });
  assert.deepEqual(closed.sort(), ["broken", "good"]);
});

Deno.test("preflight names watched collections that keep no images where some are asked for", async () => {
  const missing = async (overrides: Partial<StreamSettings>, name?: string) => {
    const streams = [
      name === undefined ? { level: "database", database: "shop" } as const : collection(name),
    ];
    const settings = { ...PLAIN_SETTINGS, ...overrides };
    return (await preflight(client, source, { streams, settings }, CLOCK, never)).withoutImages;
  };
  const fullDocument = (value: FullDocument) => ({ fullDocument: value });
  assert.deepEqual(await missing(fullDocument("update-lookup")), []);
  assert.deepEqual(await missing(fullDocument("when-available")), ["shop.plain"]);
  assert.deepEqual(await missing(fullDocument("required")), ["shop.plain"]);
  assert.deepEqual(await missing({ fullDocumentBeforeChange: "required" }), ["shop.plain"]);
  assert.deepEqual(await missing(fullDocument("required"), "kept"), []);
  assert.deepEqual(await missing(fullDocument("required"), "plain"), ["shop.plain"]);
});
