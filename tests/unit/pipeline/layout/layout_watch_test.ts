import assert from "node:assert/strict";
import { LayoutNews } from "../../../../src/pipeline/layout/layout_watch.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const TARGET = "collection.shop.orders";

function newsOf(answers: (looks: number) => Promise<ReadonlyMap<string, number>>) {
  const clock = new VirtualClock();
  let looks = 0;
  const news = new LayoutNews({ newestEpochs: () => answers(++looks) }, clock);
  return { clock, news, looks: () => looks };
}

Deno.test("LayoutNews.look() learns the newest epoch of each target", async () => {
  const { news } = newsOf((looks) => Promise.resolve(new Map([[TARGET, looks]])));
  assert.equal(news.newestEpoch(TARGET), 0);
  await news.look();
  assert.equal(news.newestEpoch(TARGET), 1);
  await news.look();
  assert.equal(news.newestEpoch(TARGET), 2);
  assert.equal(news.newestEpoch("collection.shop.items"), 0);
});

Deno.test("LayoutNews.lookIfDue() looks once in a while, whoever asks and however often", async () => {
  const { clock, news, looks } = newsOf(() => Promise.resolve(new Map()));
  for (let second = 0; second < 90; second++) {
    for (let stream = 0; stream < 10; stream++) news.lookIfDue();
    await clock.advance(1000);
  }
  assert.equal(looks(), 3);
});

Deno.test("LayoutNews.lookIfDue() leaves it to a look that somebody else has begun", async () => {
  const { clock, news, looks } = newsOf(() => Promise.resolve(new Map()));
  await news.look();
  await clock.advance(29_000);
  news.lookIfDue();
  assert.equal(looks(), 1);
  await clock.advance(1000);
  news.lookIfDue();
  assert.equal(looks(), 2);
});

Deno.test("LayoutNews.lookIfDue() survives a destination that is away, and goes on with what it knew", async () => {
  const { clock, news } = newsOf((looks) => {
    return looks === 2
      ? Promise.reject(new Error("away"))
      : Promise.resolve(new Map([[TARGET, looks]]));
  });
  for (const newest of [1, 1, 3]) {
    news.lookIfDue();
    await clock.settle();
    assert.equal(news.newestEpoch(TARGET), newest);
    await clock.advance(30_000);
  }
});

Deno.test("LayoutNews.look() is not thrown back by an earlier look that ends later", async () => {
  const slow = Promise.withResolvers<ReadonlyMap<string, number>>();
  const { news } = newsOf((looks) => {
    return looks === 1 ? slow.promise : Promise.resolve(new Map([[TARGET, 2]]));
  });
  const first = news.look();
  await news.look();
  slow.resolve(new Map([[TARGET, 1]]));
  await first;
  assert.equal(news.newestEpoch(TARGET), 2);
});
