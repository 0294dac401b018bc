import { compareClusterTimes } from "../../src/model/cluster_time.ts";
import { HistoryLostError, TransientError } from "../../src/model/errors.ts";
import { isNamespaceWanted } from "../../src/model/namespace_filter.ts";
import type {
  NamespaceChange,
  NamespaceName,
  NamespaceNews,
  NamespaceSource,
  NewsReply,
} from "../../src/pipeline/namespaces.ts";
import type { Clock } from "../../src/support/clock.ts";
import { Wake } from "../../src/support/flow/notify.ts";
import type { MemoryEntry, MemoryOplog } from "../../src/source/memory/memory_oplog.ts";

/** How long a reading without news waits before it answers. */
const AWAIT_MS = 1_000;

/** Which collections there are over an oplog in memory: each begins with its first change and ends with its drop. */
export function createMemoryNamespaces(oplog: MemoryOplog, clock: Clock): NamespaceSource {
  return {
    times: () => Promise.resolve({ last: oplog.operationTime, oldest: oplog.oldestTime }),
    list: (filter) =>
      Promise.resolve(
        alive(oplog.entries).filter((each) => isNamespaceWanted(filter, nameOf(each))),
      ),
    // deno-lint-ignore require-await -- What it throws must be a rejection.
    openNews: async ({ from }, signal) => {
      signal.throwIfAborted();
      if (compareClusterTimes(from, oplog.oldestTime) < 0) {
        throw new HistoryLostError("Cannot read on: the oldest entry of the oplog is newer");
      }
      return new MemoryNews(oplog, clock, from);
    },
  };
}

class MemoryNews implements NamespaceNews {
  readonly #oplog: MemoryOplog;
  readonly #wake: Wake;
  readonly #stopListening: () => void;
  #reached: NewsReply["reached"];
  #isClosed = false;

  constructor(oplog: MemoryOplog, clock: Clock, from: NewsReply["reached"]) {
    this.#oplog = oplog;
    this.#reached = from;
    this.#wake = new Wake(clock);
    this.#stopListening = oplog.onAppend(() => this.#wake.ring());
  }

  async next(): Promise<NewsReply> {
    const { t, i } = this.#oplog.operationTime;
    if (compareClusterTimes(this.#reached, { t, i }) > 0) await this.#wake.wait(AWAIT_MS);
    if (this.#isClosed) throw new TransientError("Cannot read on: the news was closed");
    if (compareClusterTimes(this.#reached, this.#oplog.oldestTime) < 0) {
      throw new HistoryLostError("Cannot read on: the oplog was cut off");
    }
    const from = this.#reached;
    const last = this.#oplog.operationTime;
    const news = changesOf(this.#oplog.entries)
      .filter(({ time }) => compareClusterTimes(time, from) >= 0);
    this.#reached = { t: last.t, i: last.i + 1 };
    return { news, reached: this.#reached };
  }

  // deno-lint-ignore require-await -- There is nothing to wait for.
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopListening();
    this.#wake.ring();
  }
}

function alive(entries: readonly MemoryEntry[]): NamespaceName[] {
  const names = new Map<string, NamespaceName>();
  for (const { change, ...each } of changesOf(entries)) {
    if (change === "begun") names.set(nameOf(each), each);
    else names.delete(nameOf(each));
  }
  return [...names.values()].map(({ database, collection }) => ({ database, collection }));
}

function changesOf(entries: readonly MemoryEntry[]): NamespaceChange[] {
  const changes: NamespaceChange[] = [];
  const known = new Map<string, NamespaceName>();
  for (const { change: { operation, database, collection, to }, time } of entries) {
    const begin = (name: NamespaceName) => {
      known.set(nameOf(name), name);
      changes.push({ ...name, time, change: "begun" });
    };
    const end = (name: NamespaceName) => {
      known.delete(nameOf(name));
      changes.push({ ...name, time, change: "ended" });
    };
    if (operation === "dropDatabase") {
      for (const name of [...known.values()]) if (name.database === database) end(name);
    } else if (collection !== undefined) {
      const name = { database, collection };
      if (operation === "drop") end(name);
      else if (to !== undefined) {
        const target = { database, collection: to };
        if (known.has(nameOf(target))) end(target);
        end(name);
        begin(target);
      } else if (!known.has(nameOf(name))) begin(name);
    }
  }
  return changes;
}

function nameOf({ database, collection }: NamespaceName): string {
  return `${database}.${collection}`;
}
