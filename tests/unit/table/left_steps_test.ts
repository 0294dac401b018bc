import assert from "node:assert/strict";
import { firstOf, LeftSteps } from "../../../src/table/left_steps.ts";
import { recordMark } from "../../../src/table/stream_marks.ts";
import { NO_HOLES } from "../../../src/table/table_log.ts";
import { fileNumber } from "../../support/table_world.ts";

function streamOf(...seqs: number[]) {
  const steps = seqs.map((seq) => ({
    ...{ seq, recordId: `${seq}a`, gone: [], holes: NO_HOLES },
    files: [fileNumber(seq), fileNumber(seq + 100)],
  }));
  return { streamKey: "s", lake: "l", steps };
}

const seqsOf = (streams: readonly { steps: readonly { seq: number }[] }[]) =>
  streams.map(({ steps }) => steps.map(({ seq }) => seq));

Deno.test("only what lies behind a table's place is left, and a place is looked up once", async () => {
  const asked: number[] = [];
  const left = new LeftSteps("f", (_, seq) => {
    asked.push(seq);
    return Promise.resolve(`${seq}a`);
  });
  const at = (seq: number) => () => ({ seq, record: recordMark(`${seq}a`) });
  assert.deepEqual(seqsOf(await left.behind([streamOf(1, 2, 3)], () => undefined)), [[1, 2, 3]]);
  assert.deepEqual(seqsOf(await left.behind([streamOf(1, 2, 3)], at(2))), [[3]]);
  assert.deepEqual(asked, []);
  for (const _ of [1, 2]) assert.deepEqual(seqsOf(await left.behind([streamOf(5)], at(4))), [[5]]);
  left.accept([streamOf(5)]);
  assert.deepEqual(await left.behind([streamOf(5)], at(5)), []);
  assert.deepEqual(asked, [4]);
});

Deno.test("another record at a table's place is a fault", async () => {
  const left = new LeftSteps("f", () => Promise.resolve("7b"));
  const mark = { seq: 7, record: recordMark("7a") };
  await assert.rejects(
    left.behind([streamOf(8)], () => mark),
    /"f\/": it has record 7 of the stream s, which is another one now/,
  );
});

Deno.test("a commit takes whole records, and at least one", () => {
  assert.deepEqual(seqsOf(firstOf([streamOf(1, 2), streamOf(3, 4)], 6)), [[1, 2], [3]]);
  assert.deepEqual(seqsOf(firstOf([streamOf(1, 2)], 1)), [[1]]);
});
