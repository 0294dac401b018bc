import assert from "node:assert/strict";
import { rowSuffix } from "../../../../src/model/snapshot.ts";
import { readChunk } from "../../../../src/pipeline/batch/read_chunk.ts";
import type { StreamContext } from "../../../../src/pipeline/stream_context.ts";
import { ORDERS, SETTINGS } from "../../../support/lake_world.ts";
import { RangeWorld } from "../../../support/range_world.ts";

const NEVER = new AbortController().signal;

Deno.test("readChunk() gives the documents of a chunk's time with the tokens of then, or says that it cannot", async () => {
  const range = new RangeWorld();
  const { documents, plan } = range;
  const context = {
    documents,
    stream: ORDERS,
    range: { plan, index: 1 },
  } as unknown as StreamContext;
  const chunk = { piece: 0, at: documents.now, row: 7 };
  const read = () => readChunk(context, chunk, SETTINGS, new Map(), NEVER);
  const first = await read();
  assert(typeof first === "object");
  assert.equal(first.rows, 11);
  assert(first.firstToken.endsWith(rowSuffix(plan.id, 1) + "000000000007"));
  range.change();
  const again = await read();
  assert(typeof again === "object");
  assert.deepEqual(again.to, first.to);
  assert.deepEqual(again.objects[0]!.chunks, first.objects[0]!.chunks);
  documents.set("orders", undefined);
  assert.equal(await read(), "unreadable");
  documents.forget();
  assert.equal(await read(), "unreadable");
});

Deno.test("readChunk() gives nothing where there are no documents", async () => {
  const { documents, plan } = new RangeWorld(0);
  const context = {
    documents,
    stream: ORDERS,
    range: { plan, index: 1 },
  } as unknown as StreamContext;
  const chunk = { piece: 0, at: documents.now, row: 0 };
  assert.equal(await readChunk(context, chunk, SETTINGS, new Map(), NEVER), undefined);
});
