import assert from "node:assert/strict";
import type { ClusterTime } from "../../../../src/model/cluster_time.ts";
import { HistoryLostError, TransientError } from "../../../../src/model/errors.ts";
import type {
  NamespaceChange,
  NamespaceNews,
  NamespaceSource,
  NewsReply,
} from "../../../../src/pipeline/namespaces.ts";
import { NamespaceWatch } from "../../../../src/pipeline/collections/namespace_watch.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const at = (t: number): ClusterTime => ({ t, i: 1 });
const begun = (collection: string, t: number): NamespaceChange => ({
  database: "shop",
  collection,
  time: at(t),
  change: "begun",
});
const never = new AbortController().signal;

type Answer = NewsReply | Error;

/** A watch on a server that answers each opening with a list of replies, after which it is silent. */
function watchOn(openings: (readonly Answer[] | undefined | Error)[]) {
  const clock = new VirtualClock();
  const opened: ClusterTime[] = [];
  const taken: string[] = [];
  const failures: unknown[] = [];
  const state = { takes: true };
  const source: Pick<NamespaceSource, "openNews"> = {
    openNews({ from }): Promise<NamespaceNews | undefined> {
      opened.push(from);
      const answers = openings.shift();
      if (answers instanceof Error) return Promise.reject(answers);
      if (answers === undefined) return Promise.resolve(undefined);
      const left = [...answers];
      const closed = Promise.withResolvers<never>();
      closed.promise.catch(() => {});
      return Promise.resolve({
        next() {
          const answer = left.shift();
          if (answer === undefined) return closed.promise;
          return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
        },
        close: () => Promise.resolve(closed.reject(new TransientError("closed"))),
      });
    },
  };
  const watch = new NamespaceWatch({
    source: source as NamespaceSource,
    filter: { include: ["shop.*"], exclude: [] },
    from: at(1),
    known: () => [],
    take(news) {
      if (!state.takes) return Promise.reject(new TransientError("the lake is away"));
      taken.push(...news.map(({ collection }) => collection));
      return Promise.resolve();
    },
    failed: (error) => failures.push(error),
    clock,
    random: new SeededRandom(1),
  });
  return { watch, clock, opened, taken, failures, state };
}

Deno.test("NamespaceWatch takes news in order and moves on only when they are taken", async () => {
  const { watch, clock, opened, taken, state } = watchOn([
    [{ news: [begun("a", 2)], reached: at(3) }, { news: [begun("b", 4)], reached: at(5) }],
    [{ news: [begun("b", 4)], reached: at(5) }],
  ]);
  await clock.settle();
  assert.deepEqual([taken, watch.reached, watch.condition], [["a", "b"], at(5), "watching"]);
  await watch.close();
  const failing = watchOn([
    [{ news: [], reached: at(3) }, { news: [begun("a", 4)], reached: at(5) }],
    [{ news: [begun("a", 4)], reached: at(5) }],
  ]);
  failing.state.takes = false;
  await failing.clock.settle();
  assert.deepEqual(failing.watch.reached, at(3));
  failing.state.takes = true;
  await failing.clock.advance(1000);
  assert.deepEqual([failing.opened, failing.taken], [[at(1), at(3)], ["a"]]);
  await failing.watch.close();
  assert.ok(state.takes && opened.length === 1);
});

Deno.test("NamespaceWatch.reach() waits, ends where news can never come, and says why it fails", async () => {
  const { watch, clock } = watchOn([[{ news: [], reached: at(9) }]]);
  const reached = watch.reach(at(9), never);
  await clock.settle();
  await reached;
  const failed = watch.reach(at(10), never);
  await watch.close();
  await failed;
  const away = watchOn([new TransientError("the server is away"), undefined]);
  const fails = assert.rejects(away.watch.reach(at(2), never), /the server is away/);
  await away.clock.settle();
  await fails;
  const unseen = away.watch.reach(at(2), never);
  await away.clock.advance(2000);
  await unseen;
  assert.equal(away.watch.condition, "unseen");
  away.watch.moveTo(at(7));
  assert.deepEqual([away.watch.reached, away.failures.length], [at(7), 1]);
  await away.watch.close();
});

Deno.test("NamespaceWatch ends where the oplog no longer has what comes next", async () => {
  const { watch, clock, opened } = watchOn([new HistoryLostError("too short")]);
  await clock.advance(3_600_000);
  assert.equal(watch.condition, "lost");
  assert.equal(watch.lost?.message, "too short");
  assert.equal(opened.length, 1);
  await watch.close();
});
