import assert from "node:assert/strict";
import fc from "fast-check";
import { objectKeyFault } from "../../../../src/model/keys/key_rules.ts";
import { readObjectName } from "../../../../src/model/keys/object_name.ts";
import type { BucketRule, KeyRule } from "../../../../src/model/settings.ts";
import { type Stream, streamKey } from "../../../../src/model/stream.ts";
import {
  bucketName,
  bucketNumber,
  carriesRecordId,
  deadLetterKey,
  objectKey,
  redrivenKey,
  withHiddenFolders,
} from "../../../../src/pipeline/record/object_key.ts";

const RULES: readonly KeyRule[] = [
  { template: "db={db}/coll={coll}/year={yyyy}/month={MM}/day={dd}/hour={HH}/", bucket: "hour" },
  { template: "{db}/{coll}/{yyyy}/{MM}/{dd}/{HH}/", bucket: "hour" },
  { template: "{db}/{coll}/{yyyy}/{MM}/{dd}/", bucket: "day" },
  { template: "{db}/{coll}/", bucket: "none" },
  { template: "", bucket: "none" },
  { template: "{db}{coll}", bucket: "none" },
  { template: "{db!}/{coll!}/", bucket: "none" },
];

const NAME = {
  streamKey: "collection.shop.orders",
  seq: 42,
  index: 7,
  recordId: "1b9e4c7d-0a11-4c5d-9e55-3f00aa12bb34",
  extension: "parquet",
};

Deno.test("objectKey fills in the template of each strategy", () => {
  const namespace = { database: "shop", collection: "orders" };
  const file = "collection.shop.orders-1b9e4c7d-42-7.parquet";
  const keys = RULES.map((rule) => {
    const bucket = bucketName(rule.bucket, bucketNumber(rule.bucket, 1_795_194_061));
    return objectKey(rule, namespace, bucket, NAME);
  });
  assert.deepEqual(keys, [
    `db=shop/coll=orders/year=2026/month=11/day=20/hour=17/${file}`,
    `shop/orders/2026/11/20/17/${file}`,
    `shop/orders/2026/11/20/${file}`,
    `shop/orders/${file}`,
    file,
    `shoporders/${file}`,
    `shop/orders/${file}`,
  ]);
});

Deno.test("redrivenKey lies beside the record's objects, and versions before take it for a file of other people", () => {
  const [rule] = RULES;
  const namespace = { database: "shop", collection: "orders" };
  const key = redrivenKey(rule!, namespace, "2026-11-20T17", NAME);
  const object = objectKey(rule!, namespace, "2026-11-20T17", NAME);
  assert.equal(key, object.replace(/\.parquet$/, ".redriven.parquet"));
  // By their names `verify` finds objects that nothing names.
  assert.deepEqual(readObjectName(key), { ...readObjectName(object)!, isRedriven: true });
  const before = /-([0-9a-f]{8})-(\d{1,16})-(\d{1,7})\.(?:parquet|avro|csv|jsonl)$/;
  assert.match(object, before);
  assert.doesNotMatch(key, before);
});

Deno.test("objectKey spreads objects over 256 folders by {hash}, the same ones each time", () => {
  const rule = { template: "h={hash}/{db}/{coll}/", bucket: "none" } as const;
  const namespace = { database: "shop", collection: "orders" };
  const keyOf = (seq: number) => objectKey(rule, namespace, "", { ...NAME, seq });
  assert.equal(keyOf(42), "h=dd/shop/orders/collection.shop.orders-1b9e4c7d-42-7.parquet");
  const folders = new Set(Array.from({ length: 4000 }, (_, seq) => keyOf(seq).split("/")[0]!));
  assert.equal(folders.size, 256);
  for (const folder of folders) assert.match(folder, /^h=[0-9a-f]{2}$/);
});

Deno.test("objectKey writes names without a % where the template says so, and ordinary ones as ever", () => {
  const [hive] = RULES;
  const template = hive!.template.replace("{db}", "{db!}").replace("{coll}", "{coll!}");
  const keyOf = (database: string, collection: string | null, rule: KeyRule = hive!) =>
    objectKey(rule, { database, collection }, "2026-11-20T17", NAME);
  const plain = { ...hive!, template };
  assert.equal(keyOf("shop", "orders", plain), keyOf("shop", "orders"));
  assert.equal(keyOf("shop", null, plain), keyOf("shop", null));
  assert.match(keyOf("ä", "a/b", plain), /^db=!C3!A4\/coll=a!2Fb\/year=2026\//);
  const bare = { template: "{db!}/{coll!}/", bucket: "none" } as const;
  assert.match(keyOf("_tributary", "_x", bare), /^!5Ftributary\/!5Fx\//);
  assert.match(keyOf("shop", null, bare), /^shop\/-\//);
});

Deno.test("objectKey writes the absent collection of a dropDatabase as null", () => {
  const keys = RULES.slice(0, 2).map((rule) =>
    objectKey(rule, { database: "shop", collection: null }, "2026-11-20T17", NAME)
  );
  assert.match(keys[0]!, /^db=shop\/coll=__HIVE_DEFAULT_PARTITION__\/year=2026\//);
  assert.match(keys[1]!, /^shop\/-\/2026\//);
});

Deno.test("objectKey never reaches into the journal's folder", () => {
  for (const database of ["_tributary", "../_tributary", "a/../../_tributary"]) {
    for (const rule of RULES) {
      const key = objectKey(rule, { database, collection: "streams" }, "2026-11-20T17", NAME);
      assert(!key.startsWith("_tributary/"), key);
      assert.equal(objectKeyFault(key), undefined);
    }
  }
  assert.match(
    objectKey(RULES[3]!, { database: "_tributary", collection: "x" }, "", NAME),
    /^%5Ftributary\/x\//,
  );
});

Deno.test("objectKey begins no folder with what readers pass over, whatever names there are", () => {
  const templates = [...RULES.map(({ template }) => template), "raw/{coll}_v1/{db}-{coll}/{coll}"];
  for (const template of templates) {
    for (const database of ["_shop", ".shop", "__", "shop"]) {
      for (const collection of ["_lead", "._x", "__", "%5F", "_", null]) {
        const rule = { template, bucket: "hour" } as const;
        const key = objectKey(rule, { database, collection }, "2026-11-20T17", NAME);
        for (const folder of key.split("/")) assert.doesNotMatch(folder, /^[_.]/, key);
      }
    }
  }
  const key = (collection: string) =>
    objectKey(RULES[3]!, { database: "shop", collection }, "", NAME).split("/")[1];
  assert.deepEqual(["_lead", "a_b", "%5Flead"].map(key), ["%5Flead", "a_b", "%255Flead"]);
  // Readers take the folder's name for the column's value.
  assert.match(
    objectKey(RULES[0]!, { database: "_a", collection: "_b" }, "", NAME),
    /^db=_a\/coll=_b\//,
  );
});

Deno.test("withHiddenFolders gives keys as they were made before", () => {
  const before = ["shop/_lead/", "_a/_b/x", "a_b/c", "%5Ftributary/_x/", "db=_a/coll=_b/"];
  for (const key of before) {
    const now = key.replace(/(^|\/)_/g, "$1%5F");
    assert.equal(withHiddenFolders(now), key);
  }
});

Deno.test("objectKey never gives two objects one key, and a destination takes each", () => {
  const text = fc.oneof(
    fc.constantFrom("a/../../b", "_tributary", "orders:2of4", "$x", "{db}", "a-00000000-1-2", "é"),
    fc.string({ unit: "binary", minLength: 1 }),
  );
  const place = fc.record({
    stream: fc.oneof(
      fc.constant<Stream>({ level: "deployment" }),
      fc.record({ level: fc.constant("database" as const), database: text }),
      fc.record({ level: fc.constant("collection" as const), database: text, collection: text }),
    ),
    database: text,
    collection: fc.option(text),
    seq: fc.nat({ max: 30 }),
    index: fc.nat({ max: 30 }),
    recordId: fc.constantFrom("00000000-0000", "11111111-1111", "ffffffff-ffff"),
    seconds: fc.nat({ max: 0xffffffff }),
  });
  fc.assert(
    fc.property(place, place, fc.constantFrom(...RULES), (a, b, rule) => {
      const key = (p: typeof a) =>
        objectKey(rule, p, bucketName(rule.bucket, bucketNumber(rule.bucket, p.seconds)), {
          streamKey: streamKey(p.stream),
          seq: p.seq,
          index: p.index,
          recordId: p.recordId,
          extension: "jsonl",
        });
      assert.equal(objectKeyFault(key(a)), undefined);
      const sameName = streamKey(a.stream) === streamKey(b.stream) &&
        a.seq === b.seq && a.index === b.index && a.recordId === b.recordId;
      if (!sameName) assert.notEqual(key(a), key(b));
      const one = { ...a, index: a.index + 1 };
      assert.notEqual(key(a), key(one));
    }),
    { numRuns: 500 },
  );
});

Deno.test("carriesRecordId tells a key of this record from others, and from those without an id", () => {
  const key = (recordId: string, extension: string) =>
    objectKey(RULES[0]!, { database: "a", collection: "b" }, "", { ...NAME, recordId, extension });
  for (const extension of ["parquet", "jsonl.zst", "csv.gz"]) {
    assert(carriesRecordId(key(NAME.recordId, extension), NAME.recordId));
    assert(!carriesRecordId(key("2b9e4c7d-0a11", extension), NAME.recordId));
    assert(!carriesRecordId(`collection.a.b-0a1b2c3d-42-7.${extension}`, NAME.recordId));
  }
  assert(carriesRecordId(deadLetterKey(NAME), NAME.recordId));
});

Deno.test("deadLetterKey lies beside the journal and is named by the record", () => {
  assert.equal(
    deadLetterKey(NAME),
    "_tributary/dead-letter/collection.shop.orders-1b9e4c7d-42-7.bson",
  );
});

Deno.test("bucketName says the UTC hour or day of a cluster time, as the calendar does", () => {
  const rules = fc.constantFrom<BucketRule>("hour", "day", "none");
  fc.assert(fc.property(fc.nat({ max: 0xffffffff }), rules, (seconds, rule) => {
    const iso = new Date(seconds * 1000).toISOString();
    const expected = { hour: iso.slice(0, 13), day: iso.slice(0, 10), none: "" }[rule];
    assert.equal(bucketName(rule, bucketNumber(rule, seconds)), expected);
  }));
});
