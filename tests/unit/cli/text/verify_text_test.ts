import assert from "node:assert/strict";
import {
  type LakeReport,
  reportJson,
  reportText,
  streamText,
} from "../../../../src/cli/text/verify_text.ts";

const STREAM = {
  stream: "collection.shop.orders",
  records: 1,
  objects: 2000,
  rows: 5,
  deadLetters: 1,
  remadeUnnoted: 2,
  holes: [],
};

const REPORT: LakeReport = {
  streamsInLake: 1,
  streams: [STREAM],
  lost: [],
  orphans: [],
  orphansFound: 0,
  foreignFound: 0,
  notes: [],
};

const orphan = (number: number) => ({
  key: `f/${number}`,
  stream: STREAM.stream,
  seq: number,
  kind: "superfluous" as const,
  what: "no record names it",
});

Deno.test("streamText counts what there is", () => {
  assert.equal(
    streamText(STREAM),
    "collection:shop.orders: whole; 1 record, 2,000 objects, 5 rows, 1 dead letter, " +
      "2 objects made again with other bytes, without a note\n",
  );
});

Deno.test("streamText, reportText and reportJson count what was made of dead letters", () => {
  const redriven = { ...STREAM, deadLetters: 4, redriven: 3, redrivenObjects: 1 };
  const report = { ...REPORT, streams: [redriven, STREAM] };
  assert.match(
    streamText(redriven),
    /2,001 objects, 8 rows, 4 dead letters, 3 of them rows by now/,
  );
  assert.equal(reportText(report), "The lake is whole: 2 streams, 4,001 objects, 13 rows.\n");
  const { totals, streams } = JSON.parse(reportJson(report, "file:///lake"));
  assert.deepEqual(totals, { streams: 2, objects: 4001, rows: 13 });
  assert.deepEqual([streams[0].rows, streams[0].redriven], [5, 3]);
});

Deno.test("streamText and reportText print a thousand holes and how many more there are", () => {
  const holes = Array.from({ length: 1500 }, (_, seq) => ({ seq, what: "gone" }));
  const stream = streamText({ ...STREAM, holes }).trimEnd().split("\n");
  assert.equal(stream.length, 1002);
  assert.equal(stream[1], "  hole in record 0: gone");
  assert.equal(stream.at(-1), "  and 500 more holes; --json prints them");
  const orphans = Array.from({ length: 1100 }, (_, i) => orphan(i));
  const report = reportText({ ...REPORT, orphans, orphansFound: 20_000 }).trimEnd().split("\n");
  assert.equal(report.length, 1002);
  assert.equal(report.at(-2), "  and 19,000 more holes; --json prints them");
  assert.match(report.at(-1)!, /^The lake has 20,000 holes: /);
});

Deno.test("reportText names lost records and orphans", () => {
  const lost = [{ stream: STREAM.stream, what: "the journal is missing" }];
  assert.equal(
    reportText({ ...REPORT, lost, orphans: [orphan(7)], orphansFound: 1 }),
    "hole in collection:shop.orders: the journal is missing\n" +
      "hole: f/7: no record names it\n" +
      "The lake has 2 holes: 1 stream, 2,000 objects, 5 rows as recorded.\n",
  );
});

Deno.test("reportJson says whole only where nothing is wrong", () => {
  const whole = JSON.parse(reportJson({ ...REPORT, notes: ["n"] }, "file:///lake"));
  assert.deepEqual([whole.whole, whole.notes, whole.destination], [true, ["n"], "file:///lake"]);
  const lost = [{ stream: STREAM.stream, what: "w" }];
  const holed = JSON.parse(reportJson({ ...REPORT, lost }, "file:///lake"));
  assert.deepEqual([holed.whole, holed.lost], [
    false,
    [{ stream: "collection:shop.orders", key: STREAM.stream, what: "w" }],
  ]);
  const { orphans } = JSON.parse(
    reportJson({ ...REPORT, orphans: [orphan(7)], orphansFound: 1 }, "file:///lake"),
  );
  assert.deepEqual(orphans, [
    { key: "f/7", stream: "collection:shop.orders", seq: 7, what: "no record names it" },
  ]);
});
