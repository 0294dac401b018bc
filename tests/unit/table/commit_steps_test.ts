import assert from "node:assert/strict";
import {
  type Changed,
  commitSteps,
  CONFLICTS_MAX,
  type ContestedTable,
} from "../../../src/table/commit_steps.ts";
import { LeftSteps } from "../../../src/table/left_steps.ts";
import { recordMark } from "../../../src/table/stream_marks.ts";
import { NO_HOLES, type StreamSteps } from "../../../src/table/table_log.ts";
import { fileNumber } from "../../support/table_world.ts";

/** How far it has come, at each of its versions. */
interface State {
  readonly version: number;
  readonly seq: number;
}

const recordId = (seq: number) => `${seq}a`;
const steps = (...seqs: number[]): StreamSteps[] => [{
  ...{ streamKey: "s", lake: "l" },
  steps: seqs.map((seq) => ({
    ...{ seq, recordId: recordId(seq), files: [fileNumber(seq)], gone: [], holes: NO_HOLES },
  })),
}];

/** `others`: what a change meets each time, before it succeeds. */
function scene(others: readonly (() => Changed<State>)[] = []) {
  const taken: number[][] = [];
  const answers = [...others];
  const table: ContestedTable<State> = {
    folder: "f",
    left: new LeftSteps("f", (_, seq) => Promise.resolve(recordId(seq))),
    knownOf: ({ version }) => ({ id: "t", version }),
    markOf: ({ seq }) => ({ seq, record: recordMark(recordId(seq)) }),
    load: () => Promise.resolve(current),
    change(before, streams) {
      const seqs = streams.flatMap((stream) => stream.steps.map(({ seq }) => seq));
      taken.push(seqs);
      const answer = answers.shift()?.() ??
        { version: (before?.version ?? -1) + 1, seq: seqs.at(-1)! };
      if (typeof answer !== "string") current = answer;
      return Promise.resolve(answer);
    },
  };
  let current: State | undefined;
  return { table, taken, become: (state: State) => void (current = state) };
}

Deno.test("after a conflict only what the table lacks then is committed", async () => {
  const { table, taken, become } = scene([() => {
    become({ version: 4, seq: 2 });
    return "conflict";
  }]);
  assert.deepEqual(await commitSteps(table, undefined, steps(1, 2, 3), undefined), {
    ...{ outcome: "complete", id: "t", version: 5, commits: 1, conflicts: 1 },
  });
  assert.deepEqual(taken, [[1, 2, 3], [3]]);
});

Deno.test("a table that is not the one that was known gets nothing", async () => {
  const { table, taken } = scene();
  const state = { version: 3, seq: 1 };
  const another = { outcome: "another" };
  for (const known of [{ id: "u", version: 3 }, { id: "t", version: 4 }]) {
    assert.deepEqual(await commitSteps(table, state, steps(2), known), another);
  }
  assert.deepEqual(await commitSteps(table, undefined, steps(2), { id: "t", version: 0 }), another);
  assert.deepEqual(taken, []);
  const { outcome } = await commitSteps(table, state, steps(2), { id: "t", version: 2 });
  assert.deepEqual([outcome, taken], ["complete", [[2]]]);
});

Deno.test("a table that is made and has nothing yet is changed next", async () => {
  const { table, taken } = scene([() => ({ version: 0, seq: 0 })]);
  const outcome = await commitSteps(table, undefined, steps(1), undefined);
  assert.equal(outcome.outcome === "complete" && outcome.commits, 2);
  assert.deepEqual(taken, [[1], [1]]);
});

Deno.test("it gives up behind many conflicts, and behind few answers that were lost in a row", async () => {
  const always = (answer: "conflict" | "unknown") =>
    scene(Array.from({ length: CONFLICTS_MAX }, () => () => answer));
  const busy = always("conflict");
  await assert.rejects(
    commitSteps(busy.table, undefined, steps(1), undefined),
    /^TransientError: Cannot write the table in "f\/": others were faster 100 times$/,
  );
  assert.equal(busy.taken.length, CONFLICTS_MAX);
  const silent = always("unknown");
  await assert.rejects(
    commitSteps(silent.table, undefined, steps(1), undefined),
    /"f\/": answers were lost 3 times$/,
  );
  assert.equal(silent.taken.length, 3);
  const now = scene(
    (["unknown", "unknown", "conflict", "unknown", "unknown"] as const).map((each) => () => each),
  );
  const outcome = await commitSteps(now.table, undefined, steps(1), undefined);
  assert.equal(outcome.outcome === "complete" && outcome.conflicts, 5);
});
