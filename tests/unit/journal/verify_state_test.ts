import assert from "node:assert/strict";
import { createObjectJournal } from "../../../src/journal/object_journal.ts";
import type { WalkedJournal } from "../../../src/journal/verify.ts";
import { judgeState } from "../../../src/journal/verify_state.ts";
import type { Position } from "../../../src/model/position.ts";
import type { StreamState } from "../../../src/pipeline/stages.ts";
import { genesis, heartbeat } from "../../contract/journal_contract.ts";
import { mapStore } from "../../contract/journal_map_store.ts";

const at = (t: number): Position => ({ operationTime: { t, i: 1 }, data: "" });

const WALKED: WalkedJournal = {
  report: {
    stream: "deployment",
    records: 3,
    objects: 0,
    rows: 0,
    deadLetters: 0,
    remadeUnnoted: 0,
    holes: [],
  },
  lake: "5f0c2a91",
  walked: { first: 0, last: 2 },
  end: at(30),
  gaps: [],
  folder: "",
};

Deno.test("judgeState agrees with a state that is as old as the journal, or older", async () => {
  for (const lake of ["5f0c2a91", undefined]) {
    assert.equal(
      await judge({ seq: 2, position: at(30), ...(lake === undefined ? {} : { lake }) }),
      undefined,
    );
    assert.equal(await judge({ seq: 1, position: at(20) }), undefined);
  }
  // A writer has appended it since.
  assert.equal(await judge({ seq: 3, position: at(40) }), undefined);
});

Deno.test("judgeState knows a journal that has lost its end", async () => {
  const verdict = await judge({ seq: 7, position: at(70) });
  assert.deepEqual(verdict, {
    short:
      "the journal ends at record 2, at 1970-01-01T00:00:30Z (30.1), but the state store knows record 7, which ends at 1970-01-01T00:01:10Z (70.1)",
  });
});

Deno.test("judgeState misses the last record of the same journal also where nothing happened in it", async () => {
  const verdict = await judge({ seq: 7, position: at(30), lake: "5f0c2a91" });
  assert.deepEqual(verdict, {
    short:
      "the journal ends at record 2, at 1970-01-01T00:00:30Z (30.1), but the state store knows record 7, which ends at 1970-01-01T00:00:30Z (30.1)",
  });
});

Deno.test("judgeState knows a journal that is missing", async () => {
  const verdict = await judge({ seq: 7, position: at(70) }, null);
  assert.deepEqual(verdict, {
    short:
      "the journal is missing: the state store knows record 7, which ends at 1970-01-01T00:01:10Z (70.1)",
  });
});

Deno.test("judgeState takes a state of another lake for none", async () => {
  const cases: [Partial<StreamState>, RegExp][] = [
    [
      { seq: 7, position: at(70), lake: "00000000" },
      /it is of journal 00000000, this one is 5f0c2a91/,
    ],
    [
      { seq: 1, position: at(25) },
      /it has record 1 end at \S+ \(25\.1\), the journal at \S+ \(20\.1\)/,
    ],
    // The journal was begun anew, where the old one had ended or later.
    [{ seq: 7, position: at(30) }, /it has record 7 and reaches no farther than record 2 here/],
  ];
  for (const [state, why] of cases) {
    const verdict = await judge(state);
    assert(verdict !== undefined && "strange" in verdict);
    assert.match(verdict.strange, why);
  }
});

/** Records 0 to 3 lie there; the last one has come after the walk. */
async function judge(change: Partial<StreamState>, journal: WalkedJournal | null = WALKED) {
  const { store } = mapStore();
  const records = createObjectJournal(store);
  if (journal !== null) {
    await records.append("deployment", genesis("g"));
    for (const seq of [1, 2, 3]) {
      await records.append("deployment", { ...heartbeat(seq), to: at((seq + 1) * 10) });
    }
  }
  const state: StreamState = {
    stream: "deployment",
    seq: 2,
    position: at(30),
    generation: 1,
    owner: "o",
    events: 0,
    objects: 0,
    bytes: 0,
    deadLetters: 0,
    updatedAt: "2026-11-20T17:00:00Z",
    ...change,
  };
  return await judgeState(store as never, "deployment", state, journal ?? undefined);
}
