import assert from "node:assert/strict";
import { PermanentError } from "../../src/model/errors.ts";
import type { OpenDestination } from "../../src/destination/open_destination.ts";
import { probeDestination } from "../../src/destination/probe.ts";
import { crc32Hex } from "../../src/support/bytes/crc32.ts";
import { systemRandom } from "../../src/support/random.ts";
import type { DestinationKind } from "./destination_kinds.ts";

type Check = (destination: OpenDestination) => Promise<void>;

/** Registers the tests that every store must pass: a lake's own files and objects lie there. */
export function destinationContract(kind: DestinationKind): void {
  for (const [sentence, check] of Object.entries(CHECKS)) {
    Deno.test(`${kind.name}: ${sentence}`, async () => {
      const { destination, release } = await kind.open();
      try {
        await check(destination);
      } finally {
        await destination.close();
        await release();
      }
    });
  }
}

const CHECKS: Readonly<Record<string, Check>> = {
  "putIfAbsent creates an object that get and head find": createsAnObject,
  "putIfAbsent takes the checksum that the caller knows": takesAChecksum,
  "head tells the size of a large object, and the checksum of all of it or none": headsALargeObject,
  "putIfAbsent answers exists and changes nothing where there is an object": changesNothing,
  "putIfAbsent of one key by 20 writers has one winner, whose bytes are there": hasOneWinner,
  "putIfAbsent keeps an empty object": keepsAnEmptyObject,
  "putIfAbsent does not keep the caller's buffer": copiesTheBuffer,
  "putIfAbsent refuses keys that leave the place or change on the way": refusesOddKeys,
  "get reads ranges from the start, from the end and beyond it": readsRanges,
  "get, head and list find nothing where nothing is": findsNothing,
  "list orders keys by their UTF-8 bytes, also across folders": ordersKeys,
  "list goes on after a key and stops at the limit": pagesKeys,
  "list takes any prefix, not only folders": listsByPrefix,
  "listFolders names the folders below a prefix, once each": namesFolders,
  "putStreamed creates an object of chunks, small and large, and leaves alone what is there":
    streams,
  "putStreamed leaves nothing where its chunks fail": streamsWholeOrNot,
  "replace creates an object and replaces it, and putIfAbsent leaves it alone": replacesAnObject,
  "remove deletes an object, and nothing where there is none": removesAnObject,
  "keys may hold spaces, percent signs, quotes and letters of any script": keepsOddNames,
  "probeDestination passes, also the second time": passesTheProbe,
};

const encoder = new TextEncoder();

async function createsAnObject(d: OpenDestination): Promise<void> {
  const bytes = encoder.encode("some events");
  assert.equal(await d.putIfAbsent("db=a/coll=b/1.jsonl", bytes), "created");
  assert.deepEqual(await d.get("db=a/coll=b/1.jsonl"), bytes);
  await assertHead(d, "db=a/coll=b/1.jsonl", bytes);
}

async function replacesAnObject(d: OpenDestination): Promise<void> {
  const [first, second] = ["first", "second one"].map((text) => encoder.encode(text));
  await d.replace("table/_delta_log/hint", first!);
  await assertHead(d, "table/_delta_log/hint", first!);
  await d.replace("table/_delta_log/hint", second!);
  assert.equal(await d.putIfAbsent("table/_delta_log/hint", first!), "exists");
  assert.deepEqual(await d.get("table/_delta_log/hint"), second);
  assert.deepEqual(await d.list("table/", { limit: 10 }), ["table/_delta_log/hint"]);
}

async function removesAnObject(d: OpenDestination): Promise<void> {
  await d.putIfAbsent("table/1", encoder.encode("first"));
  await d.putIfAbsent("table/2", encoder.encode("second"));
  await d.remove("table/1");
  await d.remove("table/1");
  assert.deepEqual(await d.list("table/", { limit: 10 }), ["table/2"]);
  assert.equal(await d.putIfAbsent("table/1", encoder.encode("again")), "created");
}

async function takesAChecksum(d: OpenDestination): Promise<void> {
  const bytes = encoder.encode("some events");
  assert.equal(await d.putIfAbsent("a/1", bytes, { crc32: crc32Hex(bytes) }), "created");
  assert.deepEqual(await d.get("a/1"), bytes);
  await assertHead(d, "a/1", bytes);
}

/** A large object, whose bytes may travel in parts. */
async function headsALargeObject(d: OpenDestination): Promise<void> {
  const bytes = new Uint8Array(65 * 1024 ** 2).map((_, i) => i * 31);
  const crc32 = crc32Hex(bytes);
  assert.equal(await d.putIfAbsent("large", bytes, { crc32 }), "created");
  await assertHead(d, "large", bytes);
  assert.equal(await d.putIfAbsent("large", bytes.fill(1)), "exists");
  assert.equal((await d.head("large"))?.crc32 ?? crc32, crc32);
}

/** The chunks are views of one buffer. */
async function* inChunks(bytes: Uint8Array, sizes: readonly number[]) {
  const buffer = new Uint8Array(Math.max(...sizes));
  for (let [at, i] = [0, 0]; at < bytes.length; i++) {
    const chunk = bytes.subarray(at, at += sizes[i % sizes.length]!);
    buffer.set(chunk);
    yield buffer.subarray(0, chunk.length);
    buffer.fill(0);
  }
}

async function streams(d: OpenDestination): Promise<void> {
  // So that a store can find out whether it takes large objects in parts.
  await probeDestination(d, systemRandom);
  const whole = new Uint8Array(21 * 1024 ** 2).map((_, i) => i * 31);
  for (const [key, bytes] of [["few", whole.subarray(0, 1000)], ["many", whole]] as const) {
    const sizes = [1, 300, 3_000_000];
    assert.equal(await d.putStreamed(key, inChunks(bytes, sizes)), "created");
    await assertHead(d, key, bytes);
    assert.deepEqual(await d.get(key), bytes);
    assert.equal(await d.putStreamed(key, inChunks(bytes.slice().fill(1), sizes)), "exists");
    assert.equal((await d.get(key, { start: 1, end: 2 }))![0], 31);
  }
}

async function streamsWholeOrNot(d: OpenDestination): Promise<void> {
  async function* broken() {
    yield new Uint8Array(9 * 1024 ** 2);
    await Promise.resolve();
    throw new PermanentError("It ends here");
  }
  await assert.rejects(d.putStreamed("half", broken()), /It ends here/);
  assert.equal(await d.head("half"), undefined);
  assert.deepEqual((await d.list("", { limit: 9 })).filter((key) => /half/.test(key)), []);
}

/** The size is told, and the checksum of all bytes or none. */
async function assertHead(d: OpenDestination, key: string, bytes: Uint8Array): Promise<void> {
  const { crc32 = crc32Hex(bytes), ...rest } = await d.head(key) ?? {};
  assert.deepEqual({ crc32, ...rest }, { crc32: crc32Hex(bytes), bytes: bytes.length });
}

async function changesNothing(d: OpenDestination): Promise<void> {
  const bytes = encoder.encode("first");
  await d.putIfAbsent("a/1", bytes);
  assert.equal(await d.putIfAbsent("a/1", encoder.encode("second one")), "exists");
  assert.equal(await d.putIfAbsent("a/1", bytes), "exists");
  assert.deepEqual(await d.get("a/1"), bytes);
}

async function hasOneWinner(d: OpenDestination): Promise<void> {
  for (const size of [1000, 300_000]) {
    const key = `race/${size}`;
    const bodies = Array.from({ length: 20 }, (_, i) => new Uint8Array(size).fill(i));
    const answers = await Promise.all(bodies.map((body) => d.putIfAbsent(key, body)));
    const winner = answers.indexOf("created");
    assert.equal(answers.filter((answer) => answer === "created").length, 1);
    assert.deepEqual(await d.get(key), bodies[winner]);
  }
}

async function keepsAnEmptyObject(d: OpenDestination): Promise<void> {
  assert.equal(await d.putIfAbsent("empty", new Uint8Array(0)), "created");
  assert.equal(await d.putIfAbsent("empty", new Uint8Array(1)), "exists");
  await assertHead(d, "empty", new Uint8Array(0));
  assert.deepEqual(await d.get("empty"), new Uint8Array(0));
  assert.deepEqual(await d.get("empty", { start: -4 }), new Uint8Array(0));
}

async function copiesTheBuffer(d: OpenDestination): Promise<void> {
  const whole = encoder.encode("xxsome eventsxx");
  await d.putIfAbsent("view", whole.subarray(2, -2));
  whole.fill(0);
  assert.deepEqual(await d.get("view"), encoder.encode("some events"));
}

async function refusesOddKeys(d: OpenDestination): Promise<void> {
  const odd = [
    "",
    "/a",
    "a/",
    "a//b",
    "../a",
    "a/../b",
    "a/./b",
    ".",
    "..",
    "a\nb",
    "a\0b",
    "\ud800",
  ];
  for (const key of [...odd, "k".repeat(1025)]) {
    await assert.rejects(async () => await d.putIfAbsent(key, new Uint8Array(1)), PermanentError);
    await assert.rejects(async () => await d.get(key), PermanentError);
    await assert.rejects(async () => await d.head(key), PermanentError);
  }
  assert.deepEqual(await d.list("", { limit: 10 }), []);
}

async function readsRanges(d: OpenDestination): Promise<void> {
  await d.putIfAbsent("r", encoder.encode("0123456789"));
  const read = async (start: number, end?: number) => {
    const bytes = await d.get("r", end === undefined ? { start } : { start, end });
    return new TextDecoder().decode(bytes);
  };
  assert.equal(await read(0, 4), "0123");
  assert.equal(await read(4, 5), "4");
  assert.equal(await read(7), "789");
  assert.equal(await read(8, 100), "89");
  assert.equal(await read(-3), "789");
  assert.equal(await read(-30), "0123456789");
  assert.equal(await read(3, 3), "");
  assert.equal(await read(10), "");
  assert.equal(await read(20, 30), "");
  assert.equal(await d.get("none", { start: -8 }), undefined);
  assert.equal(await d.get("none", { start: 3, end: 3 }), undefined);
  await assert.rejects(async () => await d.get("r", { start: -3, end: 9 }), RangeError);
}

async function findsNothing(d: OpenDestination): Promise<void> {
  assert.equal(await d.get("a/b"), undefined);
  assert.equal(await d.head("a/b"), undefined);
  assert.deepEqual(await d.list("a/", { limit: 5 }), []);
  assert.deepEqual(await d.listFolders("a/"), []);
  await d.putIfAbsent("a/b", new Uint8Array(1));
  assert.equal(await d.get("a"), undefined);
  assert.equal(await d.head("a"), undefined);
  assert.equal(await d.get("a/b/c"), undefined);
  assert.equal(await d.head("a/c"), undefined);
  assert.deepEqual(await d.list("../", { limit: 5 }), []);
}

/** Already in order: `-` and `.` sort before `/`, and a character beyond U+FFFF after U+FF5E. */
const ORDERED = [
  "a!",
  "a-b/x",
  "a-b0",
  "a.b/x",
  "a/b",
  "a/b-c",
  "a/b.d/e",
  "a0",
  "aa/b",
  "b/\uff5e",
  "b/\u{1f600}",
  "b/\u{1f600}x",
];

async function putAll(d: OpenDestination, keys: readonly string[]): Promise<void> {
  for (const key of keys) await d.putIfAbsent(key, encoder.encode(key));
}

async function ordersKeys(d: OpenDestination): Promise<void> {
  await putAll(d, ORDERED.toReversed());
  assert.deepEqual(await d.list("", { limit: 100 }), ORDERED);
}

async function pagesKeys(d: OpenDestination): Promise<void> {
  await putAll(d, ORDERED);
  for (const limit of [1, 2, 5]) {
    const keys: string[] = [];
    for (;;) {
      const startAfter = keys.at(-1);
      const page = await d.list("", { limit, ...startAfter !== undefined && { startAfter } });
      assert.ok(page.length <= limit);
      if (page.length === 0) break;
      keys.push(...page);
    }
    assert.deepEqual(keys, ORDERED);
  }
  assert.deepEqual(await d.list("a/", { limit: 9, startAfter: "a/b-" }), ["a/b-c", "a/b.d/e"]);
  assert.deepEqual(await d.list("a/", { limit: 1, startAfter: "a" }), ["a/b"]);
  assert.deepEqual(await d.list("a/", { limit: 9, startAfter: "b" }), []);
  assert.deepEqual(await d.list("", { limit: 0 }), []);
}

async function listsByPrefix(d: OpenDestination): Promise<void> {
  await putAll(d, ORDERED);
  assert.deepEqual(await d.list("a/b", { limit: 9 }), ["a/b", "a/b-c", "a/b.d/e"]);
  assert.deepEqual(await d.list("a-", { limit: 9 }), ["a-b/x", "a-b0"]);
  assert.deepEqual(await d.list("a/b.d/", { limit: 9 }), ["a/b.d/e"]);
  assert.deepEqual(await d.list("a/b.d/e", { limit: 9 }), ["a/b.d/e"]);
  assert.deepEqual(await d.list("a/b.d/e/", { limit: 9 }), []);
}

async function namesFolders(d: OpenDestination): Promise<void> {
  await putAll(d, ["s/one/0", "s/one/1", "s/two/deep/0", "s/file", "s-/x/y", "t/x"]);
  assert.deepEqual(await d.listFolders("s/"), ["one", "two"]);
  assert.deepEqual(await d.listFolders("s/two/"), ["deep"]);
  assert.deepEqual(await d.listFolders("s/one/"), []);
  assert.deepEqual(await d.listFolders(""), ["s-", "s", "t"]);
  assert.deepEqual(await d.listFolders("../"), []);
}

async function keepsOddNames(d: OpenDestination): Promise<void> {
  const keys = [
    "odd/%2F%20",
    "odd/a b",
    'odd/a"b&<c>',
    "odd/a+b=c@d,e;f",
    "odd/a'b*(c)!~",
    "odd/é/日本",
    "odd/…/.hidden",
  ];
  await putAll(d, keys);
  for (const key of keys) assert.deepEqual(await d.get(key), encoder.encode(key));
  assert.deepEqual((await d.list("odd/", { limit: 20 })).toSorted(), keys.toSorted());
}

async function passesTheProbe(d: OpenDestination): Promise<void> {
  await probeDestination(d, systemRandom);
  await probeDestination(d, systemRandom);
  assert.equal((await d.list("", { limit: 20 })).length, 1);
}
