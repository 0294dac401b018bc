import assert from "node:assert/strict";
import { Double, serialize } from "bson";
import fc from "fast-check";
import { EncoderCrashError, PermanentError } from "../../src/model/errors.ts";
import { compressionsOf, FORMAT_NAMES } from "../../src/model/format.ts";
import type { Encoding } from "../../src/model/settings.ts";
import type { BegunObject, Encoder, EncodeRequest } from "../../src/pipeline/ports.ts";
import { chunkOf, sampleEvent, sampleEvents } from "./encoder_events.ts";

/** An encoder and what must be released after it. */
export interface EncoderUnderTest extends AsyncDisposable {
  readonly encoder: Encoder;
}

const JSONL: Encoding = { format: "jsonl", compression: "none", jsonMode: "relaxed" };

const FORMATS = FORMAT_NAMES;

/** What `Encoder` of `pipeline/ports.ts` promises, for one implementation. */
export function testEncoderContract(name: string, open: () => EncoderUnderTest): void {
  testRows(name, open);
  testBytes(name, open);
  testRequests(name, open);
  testBegun(name, open);
  testPlaces(name, open);
}

function testRows(name: string, open: () => EncoderUnderTest): void {
  Deno.test(`${name}: encode keeps the order of events over all chunks`, async () => {
    await using opened = open();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 5 }),
        async (sizes) => {
          let next = 0;
          const chunks = sizes.map((size) =>
            chunkOf(Array.from({ length: size }, () => sampleEvent(next++).bson))
          );
          const { rows, failed, bytes } = await opened.encoder.encode({ encoding: JSONL, chunks });
          assert.deepEqual(failed, []);
          assert.equal(rows, next);
          assert.deepEqual(ordinals(bytes), Array.from({ length: next }, (_, i) => i));
        },
      ),
      { numRuns: 20 },
    );
  });

  Deno.test(`${name}: encode leaves out what is malformed and names it`, async () => {
    await using opened = open();
    const bad = Object.values(badEvents());
    for (const format of FORMATS) {
      const events = [sampleEvent(0).bson, ...bad, sampleEvent(1).bson];
      const middle = 1 + Math.floor(bad.length / 2);
      const chunks = [chunkOf(events.slice(0, middle)), chunkOf(events.slice(middle))];
      const result = await opened.encoder.encode({ encoding: { ...JSONL, format }, chunks });
      assert.equal(result.rows, 2, format);
      assert.deepEqual(result.failed.map(({ index }) => index), bad.map((_, i) => i + 1), format);
      result.failed.forEach(({ event, reason }, i) => {
        assert.deepEqual([...event], [...bad[i]!], `${format}: ${reason}`);
        assert.match(reason, /^Cannot /);
      });
    }
  });
}

function testBytes(name: string, open: () => EncoderUnderTest): void {
  Deno.test(`${name}: encode writes the same bytes as if a malformed event had not been there`, async () => {
    await using opened = open();
    const bad = Object.values(badEvents());
    for (const encoding of allEncodings()) {
      const good = sampleEvents().map((sample) => sample.bson);
      const mixed = good.flatMap((event) => [...bad, event]);
      const clean = await opened.encoder.encode({ encoding, chunks: [chunkOf(good)] });
      const same = await opened.encoder.encode({ encoding, chunks: [chunkOf(mixed)] });
      assert.equal(same.rows, good.length);
      assert.ok(equalBytes(same.bytes, clean.bytes), `${encoding.format} ${encoding.compression}`);
    }
  });

  Deno.test(`${name}: encode gives the same bytes each time, alone in their buffer`, async () => {
    await using opened = open();
    for (const encoding of allEncodings()) {
      const request = () => ({
        encoding,
        chunks: [chunkOf(sampleEvents().map((sample) => sample.bson))],
      });
      const first = await opened.encoder.encode(request());
      // Another object in between must leave nothing behind in reused memory.
      await opened.encoder.encode({ encoding, chunks: [chunkOf([sampleEvent(5).bson])] });
      const second = await opened.encoder.encode(request());
      const what = `${encoding.format} ${encoding.compression}`;
      assert.ok(equalBytes(first.bytes, second.bytes), what);
      assert.equal(first.bytes.buffer.byteLength, first.bytes.length, what);
    }
  });
}

function testRequests(name: string, open: () => EncoderUnderTest): void {
  Deno.test(`${name}: encode works on requests that overlap`, async () => {
    await using opened = open();
    const results = await Promise.all(Array.from({ length: 12 }, (_, i) => {
      const chunks = [chunkOf(Array.from({ length: 20 }, (_, j) => sampleEvent(100 * i + j).bson))];
      const compression = i % 2 === 0 ? "none" : "zstd";
      return opened.encoder.encode({ encoding: { ...JSONL, compression }, chunks });
    }));
    results.forEach((result, i) => {
      assert.equal(result.rows, 20);
      assert.ok(result.encodeMs >= 0);
      if (i % 2 === 0) assert.equal(ordinals(result.bytes)[0], 100 * i);
    });
  });

  Deno.test(`${name}: encodeTogether gives each object what encode gives it, or fails for all`, async () => {
    await using opened = open();
    const { encoder } = opened;
    if (encoder.encodeTogether === undefined) return;
    for (const encoding of allEncodings()) {
      const requests = () =>
        [3, 0, 40, 1].map((events, i) => ({
          encoding,
          chunks: [chunkOf(Array.from({ length: events }, (_, j) => sampleEvent(9 * i + j).bson))],
        }));
      const together = await encoder.encodeTogether(requests());
      const alone = [];
      for (const request of requests()) alone.push(await encoder.encode(request));
      assert.deepEqual(
        together.map(({ encodeMs: _, ...rest }) => rest),
        alone.map(({ encodeMs: _, ...rest }) => rest),
      );
      for (const { bytes } of together) assert.equal(bytes.buffer.byteLength, bytes.length);
    }
    const good = { encoding: JSONL, chunks: [chunkOf([sampleEvent(0).bson])] };
    const chunk = { ...chunkOf([sampleEvent(1).bson]), starts: undefined };
    const nonsense = { encoding: JSONL, chunks: [chunk] } as unknown as EncodeRequest;
    await assert.rejects(encoder.encodeTogether([good, nonsense]), EncoderCrashError);
    const csv = {
      encoding: { ...JSONL, format: "csv", compression: "snappy" },
      chunks: [],
    } as const;
    await assert.rejects(encoder.encodeTogether([csv]), PermanentError);
    assert.deepEqual(await encoder.encodeTogether([]), []);
  });

  Deno.test(`${name}: encode refuses a compression that the format cannot have`, async () => {
    await using opened = open();
    for (const format of ["jsonl", "csv"] as const) {
      const encoding = { ...JSONL, format, compression: "snappy" } as const;
      await assert.rejects(opened.encoder.encode({ encoding, chunks: [] }), PermanentError);
    }
  });

  Deno.test(`${name}: encode rejects with EncoderCrashError what is no request, and goes on`, async () => {
    await using opened = open();
    const chunk = { ...chunkOf([sampleEvent(1).bson]), starts: undefined };
    const nonsense = { encoding: JSONL, chunks: [chunk] } as unknown as EncodeRequest;
    await assert.rejects(opened.encoder.encode(nonsense), EncoderCrashError);
    const chunks = [chunkOf([sampleEvent(1).bson])];
    assert.equal((await opened.encoder.encode({ encoding: JSONL, chunks })).rows, 1);
  });
}

function testBegun(name: string, open: () => EncoderUnderTest): void {
  Deno.test(`${name}: an object begun early becomes the same bytes as one encoded whole`, async () => {
    await using opened = open();
    const { encoder } = opened;
    for (const encoding of allEncodings()) {
      const events = sampleEvents().map((sample) => sample.bson);
      const bad = Object.values(badEvents())[0]!;
      const parts = () => [[], events.slice(0, 3), [bad, ...events.slice(3)], events, []];
      const whole = await encoder.encode({ encoding, chunks: parts().map(chunkOf) });
      const begun = encoder.begin!(encoding, 0, () => {})!;
      const [first, ...rest] = parts().map(chunkOf);
      for (const chunk of rest.slice(0, -1)) begun.add([chunk]);
      const result = await begun.finish([first!, rest.at(-1)!]);
      const what = `${encoding.format} ${encoding.compression}`;
      assert.ok(equalBytes(result.bytes, whole.bytes), what);
      assert.equal(result.bytes.buffer.byteLength, result.bytes.length, what);
      assert.deepEqual(
        { ...result, bytes: 0, encodeMs: 0 },
        { ...whole, bytes: 0, encodeMs: 0 },
        what,
      );
      assert.ok(result.encodeMs >= 0);
    }
  });

  Deno.test(`${name}: whole objects are encoded while one is begun, and neither disturbs the other`, async () => {
    await using opened = open();
    const { encoder } = opened;
    const encoding = { ...JSONL, format: "parquet" } as const;
    const part = (i: number) => [chunkOf([sampleEvent(i).bson])];
    const ask = async (i: number) => (await encoder.encode({ encoding, chunks: part(i) })).bytes;
    const [five, seven] = [await ask(5), await ask(7)];
    const both = await encoder.encode({ encoding, chunks: [...part(1), ...part(2)] });
    const begun = encoder.begin!(encoding, 1000, () => {})!;
    begun.add(part(1));
    assert.ok(equalBytes(await ask(5), five));
    const between = ask(7);
    assert.ok(equalBytes((await begun.finish(part(2))).bytes, both.bytes));
    assert.ok(equalBytes(await between, seven));
  });
}

function testPlaces(name: string, open: () => EncoderUnderTest): void {
  Deno.test(`${name}: begin gives an object again after one was finished, dropped or failed`, async () => {
    await using opened = open();
    const { encoder } = opened;
    const part = () => [chunkOf([sampleEvent(3).bson])];
    const nonsense = [{ ...part()[0], starts: undefined }] as unknown as EncodeRequest["chunks"];
    for (let round = 0; round < 3; round++) {
      const dropped = await beginWhenFree(encoder);
      dropped.add(part());
      dropped.drop();
      dropped.drop();
      const failing = await beginWhenFree(encoder);
      failing.add(nonsense);
      failing.add(part());
      await assert.rejects(failing.finish(part()), EncoderCrashError);
      failing.drop();
      const good = await beginWhenFree(encoder);
      assert.equal((await good.finish(part())).rows, 1);
    }
  });

  Deno.test(`${name}: begin has a limited number of places`, async () => {
    await using opened = open();
    const { encoder } = opened;
    const begun: BegunObject[] = [];
    for (let i = 0; i < 10; i++) begun.push(...[encoder.begin!(JSONL, 0, () => {}) ?? []].flat());
    assert.ok(begun.length >= 1 && begun.length < 10, `${begun.length}`);
    for (const object of begun) object.drop();
    // An encoder that is held up by begun objects would not answer this.
    assert.equal((await encoder.encode({ encoding: JSONL, chunks: [] })).rows, 0);
  });

  Deno.test(`${name}: begin refuses a compression that the format cannot have`, async () => {
    await using opened = open();
    const encoding = { ...JSONL, compression: "snappy" } as const;
    assert.throws(() => opened.encoder.begin!(encoding, 0, () => {}), PermanentError);
  });
}

/** A place may become free a moment after its object has ended. */
async function beginWhenFree(encoder: Encoder): Promise<BegunObject> {
  for (;;) {
    const begun = encoder.begin!(JSONL, 0, () => {});
    if (begun !== undefined) return begun;
    await encoder.encode({ encoding: JSONL, chunks: [] });
  }
}

/** Every format with every compression, and both JSON modes among them. */
export function allEncodings(): Encoding[] {
  return FORMATS.flatMap((format) =>
    compressionsOf(format).map((compression, i): Encoding => ({
      format,
      compression,
      jsonMode: i % 2 === 0 ? "relaxed" : "canonical",
    }))
  );
}

/** Events that no format can hold, by what is wrong with them. Each keeps the length its first bytes say. */
export function badEvents(): Readonly<Record<string, Uint8Array>> {
  const whole = sampleEvent(7, {
    fullDocumentBeforeChange: { x: new Double(1) },
    updateDescription: { updatedFields: { name: "text" } },
  }).bson;
  return {
    "unknown type in the before image": patched(whole, [0x01, 0x78, 0x00], [0x42, 0x78, 0x00]),
    "unknown type in the update description": patched(
      whole,
      new TextEncoder().encode("\x02name\0\x05"),
      new TextEncoder().encode("\x43name\0\x05"),
    ),
    "no resume token": serialize({ operationType: "insert" }),
    "no operation": serialize({ _id: { _data: "82" } }),
    "no namespace": serialize({ _id: { _data: "82" }, operationType: "insert" }),
    "no cluster time": serialize({
      _id: { _data: "82" },
      operationType: "insert",
      ns: { db: "shop", coll: "orders" },
    }),
  };
}

function patched(event: Uint8Array, from: ArrayLike<number>, to: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(event);
  let found = -1;
  for (let at = 0; at + from.length <= bytes.length; at++) {
    if (Array.from(from).every((byte, i) => bytes[at + i] === byte)) found = at;
  }
  assert.notEqual(found, -1, "the bytes to patch are not in the event");
  bytes.set(Array.from(to), found);
  return bytes;
}

function ordinals(jsonl: Uint8Array): number[] {
  const lines = new TextDecoder().decode(jsonl).split("\n");
  assert.equal(lines.pop(), "");
  return lines.map((line) => JSON.parse(line).full_document.n);
}

/** `deepEqual` takes seconds for a megabyte. */
function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
