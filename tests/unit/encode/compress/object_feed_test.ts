import assert from "node:assert/strict";
import { FEED_PART_BYTES, ObjectFeed } from "../../../../src/encode/compress/object_feed.ts";
import { crc32Hex } from "../../../../src/support/bytes/crc32.ts";

const BYTES = new Uint8Array(FEED_PART_BYTES * 2 + 100).map((_, i) => i * 7);

Deno.test("ObjectFeed gives all bytes once, in parts, and their checksum", async () => {
  const feed = feedOf(BYTES);
  assert.deepEqual(await feed.peek(3), BYTES.subarray(0, 3));
  assert.deepEqual(await feed.take(10), BYTES.subarray(0, 10));
  const across = FEED_PART_BYTES - 5;
  await feed.take(across - 10);
  assert.deepEqual(await feed.peek(10), BYTES.subarray(across, across + 10));
  assert.deepEqual(await feed.take(10), BYTES.subarray(across, across + 10));
  assert.deepEqual([feed.at, feed.left], [across + 10, BYTES.length - across - 10]);
  let bytes = 0;
  for (let part = await feed.next(); part !== undefined; part = await feed.next()) {
    assert.deepEqual(part[0], BYTES[across + 10 + bytes]);
    bytes += part.length;
  }
  assert.deepEqual([bytes, feed.left], [BYTES.length - across - 10, 0]);
  assert.equal(feed.crc32, crc32Hex(BYTES));
});

Deno.test("ObjectFeed has the checksum of all bytes after a drain", async () => {
  const feed = feedOf(BYTES);
  await feed.take(1);
  await feed.drain();
  assert.equal(feed.crc32, crc32Hex(BYTES));
});

Deno.test("ObjectFeed takes no more than there is", async () => {
  for (const count of [101, -1, NaN, 2 ** 60]) {
    await assert.rejects(feedOf(BYTES.slice(0, 100)).take(count), /it ends too early/);
  }
  // The object has become shorter since its size was asked for.
  const short = new ObjectFeed(() => Promise.resolve(new Uint8Array(10)), 100);
  assert.equal((await short.peek(50)).length, 10);
  await assert.rejects(short.take(50), /it ends too early/);
});

function feedOf(bytes: Uint8Array): ObjectFeed {
  return new ObjectFeed(
    (start, end) => Promise.resolve(new Uint8Array(bytes.slice(start, end))),
    bytes.length,
  );
}
