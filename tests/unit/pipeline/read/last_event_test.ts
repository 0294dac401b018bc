import assert from "node:assert/strict";
import {
  type Position,
  positionAfterTime,
  positionAfterToken,
} from "../../../../src/model/position.ts";
import type { JournalRecord } from "../../../../src/model/record.ts";
import { findLastEvent } from "../../../../src/pipeline/read/last_event.ts";
import { highWaterToken, tokenData } from "../../../../src/source/memory/memory_token.ts";

const event = (i: number) =>
  tokenData({ time: { t: 5, i }, fromInvalidate: false, id: "0".repeat(24) });
const mark = (i: number) => positionAfterToken(highWaterToken({ t: 5, i }));
const after = (i: number) => positionAfterToken(event(i));

interface Sketch {
  readonly kind: JournalRecord["kind"];
  readonly to: Position;
  readonly dead?: string;
  readonly changed?: string[];
}

Deno.test("findLastEvent is the last event of the last batch, or of its dead letters, or what ended the stream", async () => {
  const genesis = { kind: "genesis", to: after(1) } as const;
  const invalidate = { ...after(7), invalidate: true as const };
  const cases: [Sketch[], string | undefined][] = [
    [[genesis], undefined],
    [[genesis, { kind: "heartbeat", to: after(1) }], undefined],
    [[genesis, { kind: "settings", to: after(1), changed: ["format"] }], undefined],
    [[genesis, { kind: "batch", to: after(3) }], event(3)],
    [[genesis, { kind: "batch", to: after(3) }, { kind: "heartbeat", to: mark(9) }], event(3)],
    [[genesis, { kind: "batch", to: mark(9), dead: event(8) }], event(8)],
    [[genesis, { kind: "batch", to: after(3) }, { kind: "batch", to: mark(9) }], event(3)],
    [[genesis, { kind: "batch", to: after(3) }, { kind: "reopened", to: invalidate }], event(7)],
    [
      [genesis, { kind: "batch", to: after(3) }, {
        kind: "reopened",
        to: positionAfterTime({ t: 5, i: 9 }),
      }],
      event(3),
    ],
    [[genesis, { kind: "batch", to: after(3) }, { kind: "gap", to: after(9) }], undefined],
    [
      [genesis, { kind: "batch", to: after(3) }, {
        kind: "settings",
        to: after(3),
        changed: ["source"],
      }],
      undefined,
    ],
  ];
  for (const [sketches, expected] of cases) {
    assert.equal(await find(sketches), expected, sketches.map(({ kind }) => kind).join(" "));
  }
});

Deno.test("findLastEvent looks behind the heartbeats of a day, and no further", async () => {
  for (const heartbeats of [1, 15, 16, 17, 150, 1000]) {
    const sketches: Sketch[] = [
      { kind: "genesis", to: mark(1) },
      { kind: "batch", to: after(3) },
      ...Array.from({ length: heartbeats }, (): Sketch => ({ kind: "heartbeat", to: mark(9) })),
    ];
    let reads = 0;
    const found = await find(sketches, () => reads++);
    assert.equal(found, heartbeats === 1000 ? undefined : event(3));
    assert.ok(reads < 250, `${reads} records were read`);
  }
});

async function find(sketches: readonly Sketch[], read: () => void = () => {}) {
  const records = sketches.map(({ kind, to, dead, changed }, seq) => ({
    seq,
    kind,
    to,
    changed,
    deadLetters: dead === undefined ? [] : [{ events: [{ data: dead }] }],
  })) as unknown as JournalRecord[];
  const journal = {
    read: (_: string, seq: number) => {
      read();
      return Promise.resolve(records[seq]);
    },
  };
  return await findLastEvent(journal, "collection.shop.orders", records.at(-1)!);
}
