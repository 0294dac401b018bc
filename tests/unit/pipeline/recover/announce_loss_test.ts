import assert from "node:assert/strict";
import { announceLoss } from "../../../../src/pipeline/recover/announce_loss.ts";
import type { JournalTail } from "../../../../src/pipeline/record/journal_tail.ts";
import type { StreamContext } from "../../../../src/pipeline/stream_context.ts";
import { ORDERS } from "../../../support/lake_world.ts";

Deno.test("a loss is announced by the number of the next record, where documents are to be read again", async () => {
  const announced: unknown[] = [];
  for (const onHistoryLost of ["fail", "restart", "snapshot"] as const) {
    const context = {
      ...{ options: { onHistoryLost }, stream: ORDERS },
      source: { describe: () => Promise.resolve("server") },
      snapshots: {
        lost: async (stream: unknown, seq: number, server: () => Promise<unknown>) => {
          announced.push([stream, seq, await server()]);
        },
      },
    } as unknown as StreamContext;
    await announceLoss(context, { seqNext: 7 } as JournalTail, new AbortController().signal);
  }
  assert.deepEqual(announced, [[ORDERS, 7, "server"]]);
});
