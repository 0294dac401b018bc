import type { Stream } from "../../src/model/stream.ts";
import type { EventCursor, Source } from "../../src/pipeline/ports.ts";
import { MemoryBudget } from "../../src/pipeline/read/memory_budget.ts";
import type { GroupSource } from "../../src/source/shared/group_source.ts";
import { createSharedSource, type SharedSource } from "../../src/source/shared/shared_source.ts";
import { systemClock } from "../../src/support/clock.ts";
import type { SourceUnderTest } from "./source_contract.ts";

const never = new AbortController().signal;

/** The same source, and whoever opens the stream of a collection by namespace shares its change stream with another one. */
export function inCompany<T extends SourceUnderTest & { readonly source: GroupSource }>(
  under: T,
): SourceUnderTest & { readonly shared: SharedSource } {
  const shared = createSharedSource(under.source, {
    room: new MemoryBudget(64 << 20),
    clock: systemClock,
  });
  const { database } = under.stream;
  const companion: Stream = { level: "collection", database, collection: "companion" };
  const open: Source["open"] = async (request, signal) => {
    const live = request.through === undefined && request.images === "as-set";
    if (!live) return await shared.open(request, signal);
    const [cursor, other] = await Promise.all([
      shared.open({ ...request, live }, signal),
      shared.open({ ...request, live, stream: companion }, never),
    ]);
    return withCompanion(cursor, other);
  };
  return {
    ...under,
    shared,
    source: { ...shared, describe: (signal) => shared.describe(signal), open },
    insert: (count, collection) => under.insert(count, collection),
    drop: () => under.drop(),
    rename: (from, to) => under.rename(from, to),
    changeUnreadably: () => under.changeUnreadably(),
    passTime: () => under.passTime(),
    [Symbol.asyncDispose]: () => under[Symbol.asyncDispose](),
  };
}

function withCompanion(cursor: EventCursor, other: EventCursor): EventCursor {
  return {
    next: (rowsMax, ahead) => cursor.next(rowsMax, ahead),
    async close() {
      await cursor.close();
      await other.close();
    },
  };
}
