import assert from "node:assert/strict";
import { Binary, Long, Timestamp } from "mongodb";
import { positionAfterTime, positionAfterToken, positionAt } from "../../../src/model/position.ts";
import type { FullDocument } from "../../../src/model/settings.ts";
import type { OpenRequest } from "../../../src/pipeline/ports.ts";
import { changeStreamPipeline } from "../../../src/source/change_stream_pipeline.ts";
import { tokenBounds } from "../../../src/source/token_bounds.ts";
import { PLAIN_SETTINGS } from "../../contract/source_contract.ts";

const DATA = "826B00FA67000000082B022C0100296F04";
const operationTime = { t: 0x6b00fa67, i: 8 };

function request(overrides: Partial<OpenRequest> = {}): OpenRequest {
  return {
    stream: { level: "database", database: "shop" },
    from: positionAt(operationTime),
    settings: PLAIN_SETTINGS,
    images: "as-set",
    ...overrides,
  };
}

Deno.test("changeStreamPipeline opens by operation time", () => {
  const startAtOperationTime = new Timestamp(operationTime);
  assert.deepEqual(changeStreamPipeline(request(), false), [
    { $changeStream: { startAtOperationTime } },
  ]);
  const stream = { level: "deployment" } as const;
  assert.deepEqual(changeStreamPipeline(request({ stream }), false), [
    { $changeStream: { startAtOperationTime, allChangesForCluster: true } },
  ]);
});

Deno.test("changeStreamPipeline leaves out what is at or before the position, and what is after the end, before all else", () => {
  const stages = [{ $set: { x: "y" } }];
  const settings = { ...PLAIN_SETTINGS, stages };
  const from = positionAfterToken(DATA);
  const through = positionAfterToken(DATA.replace("08", "09"));
  const [, match, set, ...rest] = changeStreamPipeline(request({ settings, from, through }), false);
  assert.deepEqual(match, { $match: tokenBounds(from, through) });
  assert.deepEqual(set, stages[0]);
  assert.deepEqual(rest, []);
});

Deno.test("changeStreamPipeline never gives an invented token to the server, and goes on at the next time", () => {
  const from = positionAfterTime(operationTime);
  const poisoned = { ...from, invalidate: true } as const;
  for (const position of [from, poisoned]) {
    const stages = changeStreamPipeline(request({ from: position }), false);
    const startAtOperationTime = new Timestamp({ t: operationTime.t, i: operationTime.i + 1 });
    assert.deepEqual(stages, [{ $changeStream: { startAtOperationTime } }]);
  }
});

Deno.test("changeStreamPipeline starts after the whole token of an invalidate", () => {
  const from = { operationTime, data: DATA, invalidate: true, typeBits: "AYI=" } as const;
  const [stage] = changeStreamPipeline(request({ from }), false);
  assert.deepEqual(stage, {
    $changeStream: {
      startAfter: { _data: DATA, _typeBits: Binary.createFromBase64("AYI=") },
    },
  });
  const plain = { operationTime, data: DATA, invalidate: true } as const;
  const [plainStage] = changeStreamPipeline(request({ from: plain }), false);
  assert.deepEqual(plainStage, { $changeStream: { startAfter: { _data: DATA } } });
});

Deno.test("changeStreamPipeline orders partition, namespaces, user stages, split", () => {
  const settings = {
    ...PLAIN_SETTINGS,
    namespaces: { include: ["shop.a"], exclude: [] },
    stages: [{ $match: { x: { $numberLong: "5" } } }],
  };
  const names = (stages: object[]) => stages.map((stage) => Object.keys(stage)[0]);
  const database = changeStreamPipeline(request({ settings }), true);
  assert.deepEqual(names(database), [
    "$changeStream",
    "$match",
    "$match",
    "$changeStreamSplitLargeEvent",
  ]);
  assert.deepEqual(database[2], { $match: { x: Long.fromNumber(5) } });
  const partition = { epoch: 1, index: 2, of: 4 };
  const stream = { level: "collection", database: "shop", collection: "a", partition } as const;
  const [, match, user] = changeStreamPipeline(request({ settings, stream }), false);
  assert.deepEqual(match, {
    $match: {
      $expr: { $in: [{ $mod: [{ $toHashedIndexKey: "$documentKey._id" }, 4] }, [1, -3]] },
    },
  });
  assert.deepEqual(user, { $match: { x: Long.fromNumber(5) } });
});

Deno.test("changeStreamPipeline asks for images as set, as available, or not at all", () => {
  const options = (fullDocument: FullDocument, images: OpenRequest["images"]) => {
    const settings = { ...PLAIN_SETTINGS, fullDocument, stages: [{ $match: {} }] };
    const stages = changeStreamPipeline(request({ settings, images }), false);
    const { fullDocument: asked } = stages[0]!["$changeStream"] as Record<string, unknown>;
    return [asked, stages.length];
  };
  assert.deepEqual(options("off", "as-set"), [undefined, 2]);
  assert.deepEqual(options("update-lookup", "as-set"), ["updateLookup", 2]);
  assert.deepEqual(options("when-available", "as-set"), ["whenAvailable", 2]);
  assert.deepEqual(options("required", "as-set"), ["required", 2]);
  assert.deepEqual(options("required", "off"), [undefined, 1]);
  assert.deepEqual(options("required", "none-but-names"), [undefined, 2]);
  assert.deepEqual(options("required", "when-available"), ["whenAvailable", 1]);
  assert.deepEqual(options("update-lookup", "when-available"), ["updateLookup", 1]);
});

Deno.test("changeStreamPipeline asks for the document before the change", () => {
  const before = (
    fullDocumentBeforeChange: "off" | "when-available" | "required",
    images: OpenRequest["images"],
  ) => {
    const settings = { ...PLAIN_SETTINGS, fullDocumentBeforeChange };
    const [stage] = changeStreamPipeline(request({ settings, images }), false);
    return (stage!["$changeStream"] as Record<string, unknown>)["fullDocumentBeforeChange"];
  };
  assert.equal(before("off", "as-set"), undefined);
  assert.equal(before("when-available", "as-set"), "whenAvailable");
  assert.equal(before("required", "as-set"), "required");
  assert.equal(before("required", "when-available"), "whenAvailable");
  assert.equal(before("required", "off"), undefined);
});
