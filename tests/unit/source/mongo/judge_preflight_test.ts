import assert from "node:assert/strict";
import { judgePreflight } from "../../../../src/source/mongo/judge_preflight.ts";
import type { PreflightFacts } from "../../../../src/source/mongo/preflight.ts";

const GOOD: PreflightFacts = {
  version: "7.0.14",
  topology: "replica set",
  identity: { setName: "rs0" },
  oplogWindowHours: 53.4,
  clockAheadMs: -20,
  streams: [{ stream: "collection:shop.orders" }],
  readers: [{
    form: "collection",
    streams: [{ level: "collection", database: "shop", collection: "orders" }],
  }],
  partitions: 1,
  withoutImages: [],
};

Deno.test("judgePreflight finds nothing wrong with a good server", () => {
  assert.deepEqual(judgePreflight(GOOD).map(({ state, subject, text }) => [state, subject, text]), [
    ["ok", "MongoDB", "version 7.0.14, replica set rs0"],
    ["ok", "Change streams", "collection:shop.orders can be opened"],
    ["ok", "Reading", "1 collection of shop: 1 change stream"],
    ["ok", "Oplog", "it reaches back 53 hours"],
    ["ok", "Clock", "it agrees with the server's"],
  ]);
});

Deno.test("judgePreflight refuses versions before 5.0, and warns of those that are not tested", () => {
  for (const [version, state] of [["4.4.29", "failed"], ["5.0.0", "ok"], ["9.0.1", "warning"]]) {
    assert.equal(finding({ version: version! }, "MongoDB")?.state, state);
  }
});

Deno.test("judgePreflight says why each stream cannot be opened", () => {
  const streams = [{ stream: "a" }, { stream: "b", fault: "may not" }, { stream: "c" }];
  const found = judgePreflight({ ...GOOD, streams }).filter((f) => f.subject === "Change streams");
  assert.deepEqual(found.map(({ state, text }) => [state, text]), [
    ["ok", "a, c can be opened"],
    ["failed", "may not"],
  ]);
  const many = Array.from({ length: 8 }, (_, i) => ({ stream: `s${i}` }));
  assert.match(
    finding({ streams: many }, "Change streams")!.text,
    /^s0, s1, s2, s3, s4 and 3 more can/,
  );
  assert.equal(finding({ streams: [] }, "Change streams")?.state, "warning");
});

Deno.test("judgePreflight warns of an oplog under a day, or one that cannot be seen", () => {
  const window = (oplogWindowHours: number) => finding({ oplogWindowHours }, "Oplog")!;
  assert.match(window(23).text, /^it reaches back 23 hours: a pipeline that stands/);
  assert.match(window(0.5).text, /^it reaches back 30 minutes:/);
  assert.deepEqual([window(24).state, window(0.5).state], ["ok", "warning"]);
  assert.equal(window(240).text, "it reaches back 10 days");
  const { oplogWindowHours: _, ...unknown } = GOOD;
  const [, , , hidden] = judgePreflight(unknown);
  assert.match(hidden!.text, /grant the role `read` on the database local/);
  const [, , , routed] = judgePreflight({ ...unknown, topology: "sharded cluster" });
  assert.match(routed!.text, /mongos/);
});

Deno.test("judgePreflight refuses a REDACT that cannot be kept", () => {
  const found = finding({ redactedKeys: ["shop.orders (email)"] }, "REDACT")!;
  assert.equal(found.state, "failed");
  assert.match(found.text, /shard key of shop\.orders \(email\), .*resume token/);
  assert.equal(finding({}, "REDACT"), undefined);
});

Deno.test("judgePreflight names collections without images and the command that changes it", () => {
  const found = finding({ withoutImages: ["shop.orders", "shop.items"] }, "Images")!;
  assert.equal(found.state, "warning");
  assert.match(found.text, /^shop\.orders, shop\.items keep no images.*collMod: "orders"/);
});

Deno.test("judgePreflight warns of clocks that disagree, and says which way", () => {
  assert.match(finding({ clockAheadMs: 9000 }, "Clock")!.text, /is 9 s behind the server/);
  assert.match(finding({ clockAheadMs: -9000 }, "Clock")!.text, /is 9 s ahead of the server/);
  const { clockAheadMs: _, ...untold } = GOOD;
  assert(!judgePreflight(untold).some(({ subject }) => subject === "Clock"));
});

function finding(changed: Partial<PreflightFacts>, subject: string) {
  return judgePreflight({ ...GOOD, ...changed }).find((each) => each.subject === subject);
}
