import assert from "node:assert/strict";
import {
  avroKey,
  keyOf,
  readFileOf,
  sequenceOfKey,
  urlOf,
} from "../../../../src/table/iceberg/files.ts";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { icebergStore } from "../../../support/iceberg_world.ts";

const ID = "00000000-0000-4000-8000-000000000000";

Deno.test("the name of an Avro file says at which change it was made, and others' names say nothing", () => {
  assert.equal(sequenceOfKey(avroKey("f", 12n, ID)), 12n);
  assert.equal(sequenceOfKey(avroKey("f", 12n, ID, "m0")), 12n);
  assert.equal(sequenceOfKey("f/metadata/snap-1-1-x.avro"), undefined);
  assert.equal(sequenceOfKey(`f/metadata/deeper/0000000012-${ID}.avro`), undefined);
});

Deno.test("a key is found in the URL that whichever engine has written", () => {
  const store = { url: "s3://bucket/lake" };
  assert.equal(keyOf(store, urlOf(store, "a/b%2Ec")), "a/b%2Ec");
  assert.equal(keyOf(store, "s3a://bucket/lake/a"), "a");
  assert.equal(keyOf(store, "s3://bucket/lakes/a"), undefined);
  assert.equal(keyOf({ url: "file:///tmp" }, "file:/tmp/a"), "a");
});

Deno.test("a file that is gone, lies elsewhere or cannot be read is a fault of its table", async () => {
  const destination = new MemoryDestination();
  const store = icebergStore(destination);
  await destination.putIfAbsent("a", new Uint8Array([1]));
  const read = (url: string, by: (bytes: Uint8Array) => unknown = (b) => b.length) =>
    readFileOf(store, "f", { url, what: "its list" }, by);
  assert.equal(await read("memory:/a"), 1);
  await assert.rejects(read("memory:/b"), /"f\/": its list is gone \(memory:\/b\); make it anew/);
  await assert.rejects(
    read("s3://x/b"),
    /its list lies elsewhere \(s3:\/\/x\/b\), .*; make it anew/,
  );
  const broken = () => assert.fail("no");
  await assert.rejects(read("memory:/a", broken), /its list memory:\/a cannot be read \(no\)/);
});
