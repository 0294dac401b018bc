import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { calculateObjectSize } from "bson";
import { Changes } from "../../../scripts/load/changes.ts";
import { parseLoadOptions } from "../../../scripts/load/options.ts";
import { changesDue } from "../../../scripts/load/pace.ts";
import { SHAPE_NAMES, SHAPES } from "../../../scripts/load/shapes.ts";
import { writeLoad } from "../../../scripts/load/write_load.ts";
import { SeededRandom } from "../../support/seeded_random.ts";
import { mongodbUri, uniqueName } from "../../support/services.ts";
import { systemClock } from "../../../src/support/clock.ts";

for (const name of SHAPE_NAMES) {
  Deno.test(`documents of the shape "${name}" are the same for the same seed, and as large as it says`, () => {
    const make = () => {
      const random = new SeededRandom(3);
      return Array.from({ length: 50 }, (_, i) => SHAPES[name].document(i, random));
    };
    assert.deepEqual(make(), make());
    const bytes = make().reduce((sum, document) => sum + calculateObjectSize(document), 0) / 50;
    const { documentBytes } = SHAPES[name];
    assert.ok(Math.abs(bytes / documentBytes - 1) < 0.05, `${bytes} bytes`);
  });
}

Deno.test("Changes makes about the shares it is told, of documents that are there", () => {
  const shares = { updates: 0.5, deletes: 0.2 };
  const changes = new Changes(SHAPES.small, shares, new SeededRandom(1)).take(10_000);
  const there = new Set<string>();
  const counts = { insert: 0, update: 0, delete: 0 };
  for (const change of changes) {
    if ("insertOne" in change) {
      counts.insert++;
      there.add(String(change.insertOne.document._id));
    } else if ("updateOne" in change) {
      counts.update++;
      assert.ok(there.has(String(change.updateOne.filter["_id"])));
    } else if ("deleteOne" in change) {
      counts.delete++;
      assert.ok(there.delete(String(change.deleteOne.filter["_id"])));
    }
  }
  assert.ok(Math.abs(counts.update - 5000) < 300, `${counts.update} updates`);
  assert.ok(Math.abs(counts.delete - 2000) < 300, `${counts.delete} deletes`);
});

Deno.test("changesDue adds bursts, the first at once", () => {
  const pace = { rate: 10, burstRate: 100, burstEveryMs: 10_000, burstForMs: 1000 };
  assert.equal(changesDue(pace, 500), 50);
  assert.equal(changesDue(pace, 1000), 100);
  assert.equal(changesDue(pace, 10_000), 190);
  assert.equal(changesDue(pace, 10_500), 240);
  assert.equal(changesDue({ ...pace, burstEveryMs: Infinity }, 2000), 20);
});

Deno.test("parseLoadOptions names the flag that is wrong", () => {
  assert.throws(() => parseLoadOptions([]), /--uri is missing/);
  const wrong = (...args: string[]) => () => parseLoadOptions(["--uri", "mongodb://h/", ...args]);
  assert.throws(wrong("--shape", "x"), /--shape is "x"/);
  assert.throws(wrong("--rate", "-1"), /--rate/);
  assert.throws(wrong("--updates", "0.7", "--deletes", "0.4"), /more than 1/);
  assert.throws(wrong("--duration", "soon"), /--duration is "soon"/);
});

Deno.test("writeLoad writes what is due into each collection", async () => {
  await using client = new MongoClient(mongodbUri());
  const db = client.db(uniqueName("load"));
  try {
    const args = ["--uri", mongodbUri(), "--rate", "600", "--collections", "2"];
    const options = parseLoadOptions([...args, "--duration", "500ms", "--deletes", "0.1"]);
    const tools = { clock: systemClock, signal: new AbortController().signal, tell: () => {} };
    assert.equal(await writeLoad(db, options, tools), 300);
    for (const name of ["load_0", "load_1"]) {
      assert.ok(await db.collection(name).countDocuments() > 0);
    }
  } finally {
    await db.dropDatabase();
  }
});
