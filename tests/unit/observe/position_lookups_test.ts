import assert from "node:assert/strict";
import type { KnownStream } from "../../../src/observe/known_streams.ts";
import { PositionLookups } from "../../../src/observe/position_lookups.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

function knownStream(key: string, more: Partial<KnownStream> = {}): KnownStream {
  const times = { highWater: undefined, inLake: undefined, durable: undefined };
  return {
    ...{ key, name: key, holder: "nobody", isPaused: true, times, unheldMs: 0 },
    ...{ facts: undefined, remote: undefined, ...more },
  };
}

Deno.test("PositionLookups asks where a stream stands that nobody has and nobody tells of", async () => {
  const asked: string[] = [];
  const position = { t: 5, i: 1 };
  const lookups = new PositionLookups((key) => {
    asked.push(key);
    return key === "c" ? Promise.reject(new Error("away")) : Promise.resolve(position);
  }, new VirtualClock());
  const found: string[] = [];
  const durable = { highWater: undefined, inLake: undefined, durable: position };
  const streams = [
    knownStream("a"),
    knownStream("b", { holder: "elsewhere" }),
    knownStream("c"),
    knownStream("d", { times: durable }),
  ];
  await lookups.look(streams, new AbortController().signal, (key) => found.push(key));
  assert.deepEqual([asked, found], [["a", "c"], ["a"]]);
});

Deno.test("PositionLookups asks again after a minute, and does not wait for what hangs", async () => {
  const clock = new VirtualClock();
  let asked = 0;
  const lookups = new PositionLookups(() => {
    asked++;
    return new Promise(() => {});
  }, clock);
  const look = () => lookups.look([knownStream("a")], new AbortController().signal, () => {});
  await clock.finish(look());
  await look();
  assert.equal(asked, 1);
  await clock.advance(60_000);
  await clock.finish(look());
  assert.equal(asked, 2);
});
