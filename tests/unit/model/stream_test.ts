import assert from "node:assert/strict";
import fc from "fast-check";
import {
  isSameTarget,
  parseStreamKey,
  parseStreamName,
  type Stream,
  streamKey,
  streamName,
  targetKey,
  targetsOverlap,
  wholeTarget,
} from "../../../src/model/stream.ts";
import { anyStream } from "./streams_arbitrary.ts";

const orders: Stream = { level: "collection", database: "shop", collection: "orders" };
const partition: Stream = { ...orders, partition: { epoch: 1, index: 2, of: 4 } };
const shop: Stream = { level: "database", database: "shop" };
const deployment: Stream = { level: "deployment" };

Deno.test("streamName, streamKey and targetKey write each kind of stream", () => {
  const cases: [Stream, name: string, key: string, target: string][] = [
    [deployment, "deployment", "deployment", "deployment"],
    [shop, "database:shop", "database.shop", "database.shop"],
    [orders, "collection:shop.orders", "collection.shop.orders", "collection.shop.orders"],
    [
      partition,
      "collection:shop.orders 2/4",
      "collection.shop.orders.e1.2of4",
      "collection.shop.orders",
    ],
    [
      { level: "collection", database: "a", collection: "x/../../b.c:2of4" },
      "collection:a.x/../../b.c:2of4",
      "collection.a.x%2F%2E%2E%2F%2E%2E%2Fb%2Ec%3A2of4",
      "collection.a.x%2F%2E%2E%2F%2E%2E%2Fb%2Ec%3A2of4",
    ],
  ];
  for (const [stream, name, key, target] of cases) {
    assert.equal(streamName(stream), name);
    assert.equal(streamKey(stream), key);
    assert.equal(targetKey(stream), target);
  }
});

Deno.test("streamKey never gives two streams the same key", () => {
  const seen = new Map<string, string>();
  fc.assert(
    fc.property(anyStream, anyStream, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      assert.equal(streamKey(a) === streamKey(b), same);
      for (const stream of [a, b]) {
        const text = JSON.stringify(stream);
        assert.equal(seen.get(streamKey(stream)) ?? text, text);
        seen.set(streamKey(stream), text);
      }
    }),
    { numRuns: 3000 },
  );
});

Deno.test("streamKey gives one safe path segment that a file system takes", () => {
  fc.assert(fc.property(anyStream, (stream) => {
    assert.match(streamKey(stream), /^[A-Za-z0-9_.%~-]+$/);
    assert(streamKey(stream).length <= 240);
  }));
});

Deno.test("targetKey is the same for all partitions of a collection and for it whole", () => {
  fc.assert(fc.property(anyStream, anyStream, (a, b) => {
    assert.equal(targetKey(a) === targetKey(b), streamKey(whole(a)) === streamKey(whole(b)));
  }));
});

Deno.test("parseStreamKey gives back what streamKey was given, unless a name was shortened", () => {
  fc.assert(
    fc.property(anyStream, (stream) => {
      const key = streamKey(stream);
      assert.deepEqual(parseStreamKey(key), key.includes("~") ? undefined : stream);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("parseStreamKey is undefined for what is no stream's key", () => {
  const others = [
    "",
    "deployment.x",
    "database",
    "database.",
    "database.a.b",
    "collection.a",
    "collection.a.",
    "collection..b",
    "collection.a.b.c",
    "collection.a.b.e1",
    "collection.a.b.e1.2of4.x",
    "collection.a.b.e01.2of4",
    "collection.a.%62",
    "collection.a.%2e",
    "collection.a b.c",
    "tip",
  ];
  for (const key of others) assert.equal(parseStreamKey(key), undefined, key);
});

Deno.test("parseStreamName gives back what streamName was given for a whole target", () => {
  fc.assert(fc.property(anyStream, (stream) => {
    // MongoDB allows no dot in the name of a database.
    if (stream.level !== "deployment" && stream.database.includes(".")) return;
    assert.deepEqual(parseStreamName(streamName(whole(stream))), whole(stream));
  }));
  for (const text of ["", "shop", "database:", "collection:shop", "collection:.x", "Deployment"]) {
    assert.equal(parseStreamName(text), undefined, text);
  }
});

Deno.test("targetsOverlap tells whether some event could belong to both", () => {
  const customers: Stream = { ...orders, collection: "customers" };
  const elsewhere: Stream = { ...orders, database: "lab" };
  const cases: [Stream, Stream, boolean][] = [
    [deployment, deployment, true],
    [deployment, shop, true],
    [deployment, partition, true],
    [shop, shop, true],
    [shop, orders, true],
    [shop, elsewhere, false],
    [orders, orders, true],
    [orders, partition, true],
    [orders, customers, false],
    [orders, elsewhere, false],
  ];
  for (const [a, b, overlap] of cases) {
    assert.equal(targetsOverlap(a, b), overlap);
    assert.equal(targetsOverlap(b, a), overlap);
  }
});

function whole(stream: Stream): Stream {
  if (stream.level !== "collection") return stream;
  return { level: "collection", database: stream.database, collection: stream.collection };
}

Deno.test("wholeTarget leaves out the partition and nothing else", () => {
  const collection = { level: "collection", database: "shop", collection: "orders" } as const;
  const partition = { epoch: 2, index: 1, of: 4 };
  assert.deepEqual(wholeTarget({ ...collection, partition }), collection);
  assert.deepEqual(wholeTarget({ level: "database", database: "shop" }), {
    level: "database",
    database: "shop",
  });
});

Deno.test("isSameTarget says what the keys of targets say", () => {
  const streams: Stream[] = [
    ...[deployment, shop, orders, partition],
    { level: "database", database: "crm" },
    { level: "collection", database: "shop", collection: "carts" },
    { level: "collection", database: "crm", collection: "orders" },
  ];
  const assertSame = (a: Stream, b: Stream) =>
    assert.equal(isSameTarget(a, b), targetKey(a) === targetKey(b));
  fc.assert(fc.property(anyStream, anyStream, (a, b) => {
    for (const other of [b, wholeTarget(a), ...streams]) assertSame(a, other);
  }));
  for (const one of streams) for (const other of streams) assertSame(one, other);
});
