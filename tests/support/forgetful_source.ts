import type { EventCursor, Source } from "../../src/pipeline/ports.ts";
import { createMemorySource } from "../../src/source/memory/memory_source.ts";
import type { LakeWorld } from "./lake_world.ts";

/** The world's source as if one event had never been. */
export function withoutEvent(world: LakeWorld, data: string): Source {
  const inner = createMemorySource({ oplog: world.oplog, clock: world.clock });
  const index = () => world.oplog.entries.findIndex((entry) => entry.data === data);
  const hidden = world.oplog.entries[index()]!.event;
  return {
    describe: (signal) => inner.describe(signal),
    async open(request, signal): Promise<EventCursor> {
      const cursor = await inner.open(request, signal);
      return {
        close: () => cursor.close(),
        async next(rowsMax) {
          const reply = await cursor.next(rowsMax);
          const starts = reply.starts.filter((start) => {
            const event = reply.bytes.subarray(start, start + hidden.length);
            return !event.every((byte, i) => byte === hidden[i]);
          });
          return { ...reply, starts };
        },
      };
    },
  };
}
