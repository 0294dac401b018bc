import assert from "node:assert/strict";
import { BSON } from "mongodb";
import { UnreadableEventError } from "../../src/model/errors.ts";
import type { FullDocument, FullDocumentBeforeChange } from "../../src/model/settings.ts";
import { canSplitLargeEvents } from "../../src/source/mongo/open_stream.ts";
import type { OpenRequest } from "../../src/pipeline/ports.ts";
import { here, openFrom, PLAIN_SETTINGS } from "../contract/source_contract.ts";
import { type MongoUnderTest, openMongo } from "../support/mongo_source.ts";

/** Two of them in one event are over the limit of 16 MB. */
const BIG = "x".repeat(9 * 1024 * 1024);

Deno.test("fullDocument off, update-lookup and when-available give what they say", async () => {
  await using under = await openMongo();
  const start = await here(under);
  await update(under);
  const wanted: [FullDocument, unknown][] = [
    ["off", undefined],
    ["update-lookup", { _id: 1, price: 2 }],
    ["when-available", null],
  ];
  for (const [fullDocument, expected] of wanted) {
    const settings = { ...PLAIN_SETTINGS, fullDocument };
    const [, event] = await documents(under, start, 2, { settings });
    assert.deepEqual(event!["fullDocument"], expected, fullDocument);
    assert.deepEqual(event!["updateDescription"].updatedFields, { price: 2 });
  }
});

Deno.test("an update whose document is gone keeps its key and description", async () => {
  await using under = await openMongo();
  const start = await here(under);
  await update(under);
  await under.db.collection<{ _id: number }>("orders").deleteOne({ _id: 1 });
  const settings = { ...PLAIN_SETTINGS, fullDocument: "update-lookup" as const };
  const [, event] = await documents(under, start, 3, { settings });
  assert.equal(event!["fullDocument"], null);
  assert.deepEqual(event!["documentKey"], { _id: 1 });
  assert.deepEqual(event!["updateDescription"].updatedFields, { price: 2 });
});

Deno.test("kept images are read before and after the change", async () => {
  await using under = await openMongo();
  await keepImages(under);
  const start = await here(under);
  await update(under);
  const settings = {
    ...PLAIN_SETTINGS,
    fullDocument: "required" as const,
    fullDocumentBeforeChange: "required" as const,
  };
  const [, event] = await documents(under, start, 2, { settings });
  assert.deepEqual(event!["fullDocument"], { _id: 1, price: 2 });
  assert.deepEqual(event!["fullDocumentBeforeChange"], { _id: 1, price: 1 });
});

Deno.test("a required image that is missing is unreadable, and can be got past", async () => {
  await using under = await openMongo();
  const start = await here(under);
  await update(under);
  const required: [FullDocument, FullDocumentBeforeChange][] = [
    ["required", "off"],
    ["off", "required"],
  ];
  for (const [fullDocument, fullDocumentBeforeChange] of required) {
    const settings = { ...PLAIN_SETTINGS, fullDocument, fullDocumentBeforeChange };
    await assert.rejects(documents(under, start, 2, { settings }), (error) => {
      assert.ok(error instanceof UnreadableEventError, String(error));
      assert.equal(error.reason, "image-missing");
      return true;
    });
    const off = await documents(under, start, 2, { settings, images: "off" });
    assert.equal(off[1]!["fullDocument"], undefined);
    const available = await documents(under, start, 2, { settings, images: "when-available" });
    const name = fullDocument === "required" ? "fullDocument" : "fullDocumentBeforeChange";
    assert.equal(available[1]![name], null);
  }
});

Deno.test("an event over 16 MB is unreadable with its images, and readable without, unless the server splits it", async () => {
  await using under = await openMongo();
  await keepImages(under);
  const start = await here(under);
  const orders = under.db.collection<{ _id: number; text: string }>("orders");
  await orders.insertOne({ _id: 1, text: BIG });
  await orders.replaceOne({ _id: 1 }, { text: BIG + "y" });
  const settings = { ...PLAIN_SETTINGS, fullDocumentBeforeChange: "required" as const };
  const { version } = await under.source.describe(new AbortController().signal);
  if (canSplitLargeEvents(version)) {
    const [, merged] = await documents(under, start, 2, { settings });
    assert.equal(merged!["fullDocument"].text.length, BIG.length + 1);
    assert.equal(merged!["fullDocumentBeforeChange"].text.length, BIG.length);
    return;
  }
  await assert.rejects(documents(under, start, 2, { settings }), (error) => {
    assert.ok(error instanceof UnreadableEventError, String(error));
    assert.equal(error.reason, "too-large");
    return true;
  });
  const [, event] = await documents(under, start, 2, { settings, images: "off" });
  assert.equal(event!["fullDocument"].text.length, BIG.length + 1);
});

async function update(under: MongoUnderTest): Promise<void> {
  const orders = under.db.collection<{ _id: number; price: number }>("orders");
  await orders.insertOne({ _id: 1, price: 1 });
  await orders.updateOne({ _id: 1 }, { $set: { price: 2 } });
}

async function keepImages(under: MongoUnderTest): Promise<void> {
  await under.db.command({ collMod: "orders", changeStreamPreAndPostImages: { enabled: true } });
}

/** The first so many events, decoded. */
async function documents(
  under: MongoUnderTest,
  from: OpenRequest["from"],
  count: number,
  overrides: Partial<OpenRequest>,
): Promise<BSON.Document[]> {
  await using opened = await openFrom(under, from, overrides);
  const found: BSON.Document[] = [];
  while (found.length < count) {
    const reply = await opened.cursor.next(1);
    for (const start of reply.starts) {
      const bytes = reply.bytes.subarray(start);
      found.push(BSON.deserialize(bytes, { allowObjectSmallerThanBufferSize: true }));
    }
  }
  return found;
}
