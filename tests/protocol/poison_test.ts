/** Events that cannot become rows, or cannot be read: they are dead letters, and their neighbours are intact. */
import assert from "node:assert/strict";
import { createInlineEncoder } from "../../src/encode/inline_encoder.ts";
import { EncoderCrashError } from "../../src/model/errors.ts";
import type { DeadLetterEntry } from "../../src/model/record.ts";
import { type Encoder, type EncodeRequest, type EventChunk } from "../../src/pipeline/ports.ts";
import type { MemoryChange } from "../../src/source/memory/memory_oplog.ts";
import { crashAfterRecord } from "../support/crash_between.ts";
import { tokensIn } from "../support/event_factory.ts";
import { withoutEvent } from "../support/forgetful_source.ts";
import { assertExactlyOnce, type LakeContents, readLake } from "../support/lake_oracle.ts";
import { LakeWorld } from "../support/lake_world.ts";

const WIDE = { batch: { rowsMax: 16, bytesMax: 1 << 20, objectsMax: 100 } };

Deno.test("an event that fails to encode is a dead letter, and nowhere else", async () => {
  const { world, tokens } = worldOf(10);
  const bad = [tokens[2]!, tokens[7]!];
  await world.instance({ encoder: failingOn(world, bad) }).runToEnd();
  const lake = await assertExactlyOnce(world, { dead: bad });
  assert.deepEqual(lettersOf(lake), bad.map((data) => ({ data, reason: "no format holds it" })));
});

Deno.test("a batch of which no event can be encoded has dead letters only", async () => {
  const { world, tokens } = worldOf(3);
  await world.instance({ encoder: failingOn(world, tokens) }).runToEnd();
  const { records } = await assertExactlyOnce(world, { dead: tokens });
  const batch = records[1]!;
  assert.deepEqual(batch.kind === "batch" && batch.objects, []);
});

Deno.test("a redo by an encoder that could encode a dead letter keeps it in the dead letters only", async () => {
  const { world, tokens } = worldOf(4);
  const bad = [tokens[1]!];
  await crashAfterRecord(world.instance({ encoder: failingOn(world, bad) }), 1);
  await world.instance().runToEnd();
  const lake = await assertExactlyOnce(world, { dead: bad });
  assert.equal(lake.records.some((r) => r.kind === "void"), false);
});

Deno.test("a redo by an encoder that fails on an event once encoded voids its object, and adds no dead letter", async () => {
  const { world, tokens } = worldOf(4);
  const old = [tokens[1]!];
  await crashAfterRecord(world.instance({ encoder: failingOn(world, old) }), 1);
  const encoder = failingOn(world, [tokens[3]!]);
  await world.instance({ encoder }).runToEnd();
  const records = await world.records();
  assert.equal(records[2]!.kind, "void");
  const letter = (records[1] as { deadLetters: readonly DeadLetterEntry[] }).deadLetters[0]!;
  const stored = await world.destination.get(letter.key);
  assert.equal(stored?.length, letter.bytes);
});

Deno.test("a redo puts into the dead letters what the record names, or says that it cannot", async () => {
  for (const gone of [3, 1]) {
    const world = new LakeWorld();
    const changes = Array.from({ length: 4 }, (): { unreadable?: "too-large" } & MemoryChange => (
      { operation: "update", database: "shop", collection: "orders" }
    ));
    const tokens = changes.map((change) => world.oplog.append(change).data);
    const bad = [tokens[1]!];
    await crashAfterRecord(world.instance({ encoder: failingOn(world, bad) }), 1);
    // The server cannot produce another event any more, or has forgotten the dead one.
    if (gone === 3) Object.assign(changes[gone]!, { unreadable: "too-large" });
    const source = gone === 3 ? undefined : withoutEvent(world, bad[0]!);
    await world.instance(source === undefined ? {} : { source }).runToEnd();
    const { records, stored, dead } = await readLake(world);
    assert.equal(records.some((r) => r.kind === "void"), true);
    assert.deepEqual(dead, gone === 3 ? bad : []);
    assert.deepEqual(stored, gone === 3 ? [] : tokens.filter((token) => !bad.includes(token)));
  }
});

Deno.test("an event that kills the encoder is closed in on and becomes a dead letter, others are intact", async () => {
  for (const places of [[0], [6], [15], [4, 5], [0, 8, 31]]) {
    const { world, tokens } = worldOf(32);
    const poison = places.map((i) => tokens[i]!);
    const one = world.instance({ encoder: dyingOn(world, poison), options: WIDE });
    const supervised = one.supervise();
    await world.clock.until(() => one.isStored());
    one.stop();
    await world.clock.finish(supervised.ended);
    const lake = await assertExactlyOnce(world, { dead: poison });
    assert.deepEqual(
      lettersOf(lake),
      poison.map((data) => ({ data, reason: "the encoder died on this event" })),
    );
    assert.equal(one.context.budget.usedBytes, 0);
  }
});

Deno.test("once past the poison, batches are as large as before", async () => {
  const { world, tokens } = worldOf(16);
  const one = world.instance({ encoder: dyingOn(world, [tokens[5]!]), options: WIDE });
  const supervised = one.supervise();
  await world.clock.until(() => one.isStored());
  world.insert(32);
  await world.clock.until(() => one.isStored());
  one.stop();
  await world.clock.finish(supervised.ended);
  assert(one.eventsOf("batch-durable").slice(-2).every((event) => event.rows === 16));
});

Deno.test("an event without its image is a dead letter with the server's reason, its neighbours are intact", async () => {
  for (const place of [0, 3, 4, 9]) {
    const world = new LakeWorld();
    const bad = unreadableAt(world, place, "image-missing");
    await world.instance({ settings: { fullDocument: "required" } }).runToEnd();
    const lake = await assertExactlyOnce(world, { dead: [bad] });
    assert.deepEqual(lettersOf(lake), [{ data: bad, reason: "Cannot produce the event" }]);
  }
});

Deno.test("an event that is too large is a dead letter with the server's reason, its neighbours are intact", async () => {
  for (const place of [0, 3, 4, 9]) {
    const world = new LakeWorld();
    const bad = unreadableAt(world, place, "too-large");
    const one = world.instance();
    await one.runToEnd();
    const lake = await assertExactlyOnce(world, { dead: [bad] });
    assert.deepEqual(lettersOf(lake), [{ data: bad, reason: "Cannot produce the event" }]);
    assert.equal(one.context.budget.usedBytes, 0);
  }
});

Deno.test("a redo over an event that the server cannot produce finds it again", async () => {
  for (const reason of ["image-missing", "too-large"] as const) {
    const world = new LakeWorld();
    const bad = unreadableAt(world, 2, reason);
    const settings = { fullDocument: "required" as const };
    await crashAfterRecord(world.instance({ settings }), 1);
    await world.instance({ settings }).runToEnd();
    const lake = await assertExactlyOnce(world, { dead: [bad] });
    assert.equal(lake.records.some((r) => r.kind === "void"), false);
  }
});

function worldOf(events: number): { world: LakeWorld; tokens: string[] } {
  const world = new LakeWorld();
  world.insert(events);
  return { world, tokens: world.oplog.entries.map((entry) => entry.data) };
}

/** Ten inserts with an update among them that the server cannot produce; answers its token. */
function unreadableAt(
  world: LakeWorld,
  place: number,
  unreadable: "image-missing" | "too-large",
): string {
  world.insert(place);
  const { data } = world.oplog.append({
    operation: "update",
    database: "shop",
    collection: "orders",
    updateDescription: { updatedFields: { a: 1 } },
    unreadable,
  });
  world.insert(10 - place);
  return data;
}

function lettersOf({ records }: LakeContents): { data: string; reason: string }[] {
  return records.flatMap((record) =>
    record.kind === "batch" ? record.deadLetters.flatMap((letter) => letter.events) : []
  );
}

/** An encoder to which these events are no rows. */
function failingOn(world: LakeWorld, tokens: readonly string[]): Encoder {
  const inner = createInlineEncoder(world.clock);
  return {
    async encode({ encoding, chunks }: EncodeRequest) {
      const failed: { index: number; event: Uint8Array<ArrayBuffer>; reason: string }[] = [];
      let index = 0;
      const kept = chunks.map(({ bytes, starts }) => ({
        bytes,
        starts: starts.filter((start) => {
          const one = { bytes, starts: Uint32Array.of(start) };
          const fails = tokens.includes(tokensIn([one])[0]!);
          const size = new DataView(bytes.buffer).getInt32(start, true);
          const event = bytes.slice(start, start + size);
          if (fails) failed.push({ index, event, reason: "no format holds it" });
          index++;
          return !fails;
        }),
      }));
      const result = await inner.encode({ encoding, chunks: kept });
      return { ...result, failed };
    },
  };
}

/** An encoder that does not survive a request with one of these events. */
function dyingOn(world: LakeWorld, tokens: readonly string[]): Encoder {
  const inner = createInlineEncoder(world.clock);
  const kills = (chunks: readonly EventChunk[]) =>
    tokensIn(chunks).some((token) => tokens.includes(token));
  const died = () => Promise.reject(new EncoderCrashError("the encoder died"));
  return {
    encode: (request) => kills(request.chunks) ? died() : inner.encode(request),
    begin(encoding, bytesExpected, progress) {
      const begun = inner.begin!(encoding, bytesExpected, progress);
      if (begun === undefined) return undefined;
      let isDead = false;
      return {
        isBehind: false,
        add(chunks) {
          isDead ||= kills(chunks);
          begun.add(chunks);
        },
        async finish(chunks) {
          const result = await begun.finish(chunks);
          return isDead || kills(chunks) ? await died() : result;
        },
        drop: () => begun.drop(),
      };
    },
  };
}
