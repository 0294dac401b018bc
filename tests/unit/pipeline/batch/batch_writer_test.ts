import assert from "node:assert/strict";
import { createInlineEncoder } from "../../../../src/encode/inline_encoder.ts";
import { EncoderCrashError, PermanentError } from "../../../../src/model/errors.ts";
import { positionAt } from "../../../../src/model/position.ts";
import type { BatchRecord } from "../../../../src/model/record.ts";
import { type Batch, Batcher } from "../../../../src/pipeline/batch/batcher.ts";
import { BatchWriter } from "../../../../src/pipeline/batch/batch_writer.ts";
import type { JournalTail } from "../../../../src/pipeline/record/journal_tail.ts";
import { RECORDS_IN_FLIGHT_MAX } from "../../../../src/pipeline/stream_context.ts";
import { openJournal } from "../../../../src/pipeline/recover/open_journal.ts";
import type { Encoder } from "../../../../src/pipeline/ports.ts";
import { sleep } from "../../../../src/support/clock.ts";
import { Wake } from "../../../../src/support/flow/notify.ts";
import { type EventSketch, replyOf } from "../../../support/event_factory.ts";
import {
  type Instance,
  type InstanceChoice,
  LakeWorld,
  OPLOG_SECONDS_FIRST,
  OPTIONS,
  ORDERS,
} from "../../../support/lake_world.ts";

const LIMITS = { rowsMax: 100, bytesMax: 1 << 20, objectsMax: 100 };

Deno.test("BatchWriter appends in the order of submission, whichever is encoded first", async () => {
  const world = new LakeWorld();
  let call = 0;
  const { writer, submit, stored } = await begin(world, {
    encoder: slowEncoder(world, () => 300 - 100 * call++),
  });
  for (let n = 0; n < 3; n++) submit(2);
  await world.clock.finish(writer.drained());
  const records = await world.records();
  assert.deepEqual(records.map((r) => r.seq), [0, 1, 2, 3]);
  assert.deepEqual(records.slice(1).map((r) => r.to.operationTime.i), [102, 104, 106]);
  assert.equal(stored.length, 3);
});

Deno.test("BatchWriter has room while fewer than so many batches are not appended", async () => {
  const world = new LakeWorld();
  const { writer, submit } = await begin(world, { encoder: slowEncoder(world, () => 100) });
  assert.deepEqual([writer.hasRoom, writer.isIdle], [true, true]);
  submit(1);
  assert.deepEqual([writer.hasRoom, writer.isIdle], [true, false]);
  submit(1);
  assert.equal(writer.hasRoom, false);
  await world.clock.finish(writer.drained());
  assert.deepEqual([writer.hasRoom, writer.isIdle], [true, true]);
});

Deno.test("BatchWriter holds what is not stored in the budget, and nothing afterwards", async () => {
  const world = new LakeWorld();
  const { one, writer, submit } = await begin(world, { encoder: slowEncoder(world, () => 100) });
  const { budget } = one.context;
  const held = Promise.withResolvers<void>();
  one.outside.plan = ({ method }) =>
    method === "putIfAbsent" ? { kind: "held", when: "before", until: held.promise } : undefined;
  const batch = submit(3);
  assert.equal(budget.usedBytes, batch.bytes);
  await world.clock.until(() => one.eventsOf("batch-encoded").length === 1);
  const [encoded] = one.eventsOf("batch-encoded");
  assert.equal(budget.usedBytes, encoded!.bytes);
  held.resolve();
  await world.clock.finish(writer.drained());
  assert.equal(budget.usedBytes, 0);
});

Deno.test("BatchWriter appends no record that names a key which the destination cannot hold", async () => {
  const world = new LakeWorld();
  const { writer, submit } = await begin(world, {});
  submit(1);
  await world.clock.finish(writer.drained());
  Object.assign(world.destination, { keyFault: () => "is too long" });
  submit(1);
  await assert.rejects(world.clock.finish(writer.drained()), {
    name: "PermanentError",
    message: /^Cannot name object ".*": it is too long; shorten/,
  });
  assert.deepEqual((await world.records()).map(({ kind }) => kind), ["genesis", "batch"]);
});

Deno.test("BatchWriter frees an object's memory when it is stored, and not before", async () => {
  const world = new LakeWorld();
  const inner = createInlineEncoder(world.clock);
  const made: Uint8Array[] = [];
  const { one, writer, submit } = await begin(world, {
    encoder: {
      async encode(request) {
        const result = await inner.encode(request);
        made.push(result.bytes);
        return result;
      },
    },
  });
  const held = Promise.withResolvers<void>();
  one.outside.plan = ({ method }) =>
    method === "putIfAbsent" ? { kind: "held", when: "after", until: held.promise } : undefined;
  submit(3);
  await world.clock.until(() => one.eventsOf("batch-encoded").length === 1);
  await world.clock.settle();
  assert.equal(made[0]?.length, one.eventsOf("batch-encoded")[0]?.bytes);
  held.resolve();
  await world.clock.finish(writer.drained());
  assert.deepEqual(made.map((bytes) => bytes.length), [0]);
  assert.deepEqual(one.eventsOf("object-stored").map((e) => e.bytes > 0), [true]);
});

Deno.test("after a failure BatchWriter drops what is not appended and gives its bytes back", async () => {
  const world = new LakeWorld();
  const { one, writer, submit } = await begin(world, {});
  const error = new PermanentError("403");
  one.outside.plan = ({ method }) =>
    method === "putIfAbsent" ? { kind: "error", when: "before", error } : undefined;
  submit(2);
  submit(2);
  writer.mark({ kind: "heartbeat", to: positionAt({ t: OPLOG_SECONDS_FIRST + 50, i: 1 }) });
  await assert.rejects(world.clock.finish(writer.drained()), error);
  assert.equal(writer.failure?.error, error);
  one.outside.plan = () => undefined;
  submit(2);
  await assert.rejects(world.clock.finish(writer.drained()), error);
  assert.equal((await world.records()).length, 1);
  assert.equal(one.context.budget.usedBytes, 0);
  assert.equal(writer.isIdle, true);
});

Deno.test("a put that fails stops the appends behind it, also those that wait for a place", async () => {
  const world = new LakeWorld();
  const { one, writer, submit } = await begin(world, {});
  const held = Promise.withResolvers<void>();
  const error = new PermanentError("403");
  one.outside.plan = ({ method, args }) => {
    if (method !== "putIfAbsent" || String(args[0]).startsWith("_")) return undefined;
    return { kind: "held", when: "before", until: held.promise };
  };
  for (let n = 0; n < 6; n++) submit(1);
  await world.clock.advance(1000);
  assert.equal((await world.records()).length, 5);
  held.reject(error);
  await assert.rejects(world.clock.finish(writer.drained()), error);
  assert.equal((await world.records()).length, 5);
  assert.equal(one.context.budget.usedBytes, 0);
});

Deno.test("a put that fails while the next batch is encoded stops its append, with no place free or some", async () => {
  for (const stored of [1, RECORDS_IN_FLIGHT_MAX]) {
    const world = new LakeWorld();
    const inner = createInlineEncoder(world.clock);
    const encoded = Promise.withResolvers<void>();
    let calls = 0;
    const { one, writer, submit } = await begin(world, {
      encoder: {
        async encode(request) {
          if (++calls > stored) await encoded.promise;
          return await inner.encode(request);
        },
      },
    });
    const put = Promise.withResolvers<void>();
    one.outside.plan = ({ method, args }) => {
      if (method !== "putIfAbsent" || String(args[0]).startsWith("_")) return undefined;
      return { kind: "held", when: "before", until: put.promise };
    };
    for (let n = 0; n <= stored; n++) submit(1);
    await world.clock.until(() => one.eventsOf("record-appended").length === stored + 1);
    put.reject(new PermanentError("403"));
    await world.clock.until(() => writer.failure !== undefined);
    encoded.resolve();
    await assert.rejects(world.clock.finish(writer.drained()), PermanentError);
    assert.equal((await world.records()).length, stored + 1, "the genesis and what was appended");
    assert.equal(one.context.budget.usedBytes, 0);
    assert.equal(writer.isIdle, true);
  }
});

Deno.test("after a put that failed no further one is begun", async () => {
  const world = new LakeWorld();
  const options = { ...OPTIONS, uploadsInFlightMax: 1 };
  const { one, writer, submit } = await begin(world, { options });
  let puts = 0;
  one.outside.plan = ({ method, args }) => {
    if (method !== "putIfAbsent" || String(args[0]).startsWith("_")) return undefined;
    puts++;
    return { kind: "error", when: "before", error: new PermanentError("403") };
  };
  for (let n = 0; n < 3; n++) submit(1);
  await assert.rejects(world.clock.finish(writer.drained()), PermanentError);
  assert.equal(puts, 1);
});

Deno.test("BatchWriter.mark comes after all batches submitted before it", async () => {
  const world = new LakeWorld();
  const { writer, submit } = await begin(world, { encoder: slowEncoder(world, () => 100) });
  const { to } = submit(2);
  writer.mark({ kind: "reopened", to });
  await world.clock.finish(writer.drained());
  assert.deepEqual((await world.records()).map((r) => r.kind), ["genesis", "batch", "reopened"]);
});

Deno.test("BatchWriter tells which batch the encoder died on, after storing those before it", async () => {
  const world = new LakeWorld();
  const inner = createInlineEncoder(world.clock);
  let call = 0;
  const encoder: Encoder = {
    encode: (request) =>
      call++ === 1 ? Promise.reject(new EncoderCrashError("it died")) : inner.encode(request),
  };
  const { writer, submit, stored } = await begin(world, { encoder });
  submit(2);
  const second = submit(3);
  await assert.rejects(world.clock.finish(writer.drained()), EncoderCrashError);
  assert.deepEqual([writer.crashed?.to, writer.crashed?.rows], [second.to, 3]);
  assert.equal(stored.length, 1);
});

Deno.test("BatchWriter names objects and dead letters by the record alone", async () => {
  const world = new LakeWorld();
  const { writer, submit, stored } = await begin(world, {});
  submit(2, [{ data: "82", reason: "too large", event: new Uint8Array(5) }]);
  await world.clock.finish(writer.drained());
  const [record] = stored;
  const id = record!.id.slice(0, 8);
  assert.deepEqual(record!.objects.map(({ bytes: _, ...object }) => object), [{
    key: `db=shop/coll=orders/2026-11-20/17/collection.shop.orders-${id}-1-0.jsonl`,
    database: "shop",
    collection: "orders",
    bucket: "2026-11-20T17",
    rows: 2,
  }]);
  assert.deepEqual(record!.deadLetters, [{
    key: `_tributary/dead-letter/collection.shop.orders-${id}-1-0.bson`,
    bytes: 5,
    events: [{ data: "82", reason: "too large" }],
  }]);
});

interface Begun {
  readonly one: Instance;
  readonly writer: BatchWriter;
  readonly tail: JournalTail;
  readonly stored: BatchRecord[];
  submit(rows: number, unreadable?: Batch["unreadable"]): Batch;
}

async function begin(world: LakeWorld, choice: InstanceChoice): Promise<Begun> {
  const one = world.instance(choice);
  const { context, lease } = one;
  const tail = await world.clock.finish(openJournal(context, lease));
  const stored: BatchRecord[] = [];
  const wake = new Wake(context.clock);
  const writer = new BatchWriter(context, lease, tail, wake, (record) => stored.push(record));
  let next = 101;
  const submit = (rows: number, unreadable: Batch["unreadable"] = []): Batch => {
    const events = Array.from({ length: rows }, (): EventSketch => (
      { t: OPLOG_SECONDS_FIRST, i: next++, database: "shop", collection: "orders" }
    ));
    const batcher = new Batcher(ORDERS, tail.position, "hour", LIMITS);
    batcher.add({ reply: replyOf(events), next: 0 });
    const batch = { ...batcher.cut()!, unreadable };
    writer.submit(batch, context.budget.reserve(batch.bytes), context.clock.monotonicMs());
    return batch;
  };
  return { one, writer, tail, stored, submit };
}

function slowEncoder(world: LakeWorld, delayMs: () => number): Encoder {
  const inner = createInlineEncoder(world.clock);
  return {
    async encode(request) {
      await sleep(world.clock, delayMs());
      return await inner.encode(request);
    },
  };
}
