import assert from "node:assert/strict";
import { readOtelOptions } from "../../../../src/observe/trace/otel_variables.ts";
import { OtlpSpans } from "../../../../src/observe/trace/otlp_spans.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const SPAN = { name: "batch", startMs: 1, endMs: 2, attributes: {} };

/** A sink whose collector answers as `answer` says; keeps how many spans each request had, and what was logged. */
function begin(answer: () => number | Promise<never>) {
  const clock = new VirtualClock();
  const requests: number[] = [];
  const said: string[] = [];
  const sink = new OtlpSpans({
    ...readOtelOptions(() => undefined),
    clock,
    random: new SeededRandom(1),
    log: { ...silentLog, warn: (text) => said.push(text), info: (text) => said.push(text) },
    fetch: async (url, init) => {
      assert.equal(String(url), "http://localhost:4318/v1/traces");
      const body = JSON.parse(String(init!.body));
      requests.push(body.resourceSpans[0].scopeSpans[0].spans.length);
      return new Response("{}", { status: await answer() });
    },
  });
  const end = () => clock.finish(sink[Symbol.asyncDispose]());
  return { clock, sink, requests, said, end };
}

Deno.test("OtlpSpans.write() is sent after a while, and what is left at the end", async () => {
  const { clock, sink, requests, end } = begin(() => 200);
  sink.write({ ...SPAN, children: [SPAN] });
  await clock.advance(4999);
  assert.deepEqual(requests, []);
  await clock.advance(1);
  assert.deepEqual(requests, [2]);
  sink.write(SPAN);
  await end();
  assert.deepEqual(requests, [2, 1]);
  assert.equal(clock.timerCount, 0);
});

Deno.test("OtlpSpans sends at once when there is much, and never more than a request's fill", async () => {
  const { clock, sink, requests, end } = begin(() => 200);
  for (let n = 0; n < 1100; n++) sink.write(SPAN);
  await clock.settle();
  assert.deepEqual(requests, [512, 512, 76]);
  await end();
});

Deno.test("OtlpSpans tries again what was not taken, says so once, and drops the oldest", async () => {
  let status = 503;
  const { clock, sink, requests, said, end } = begin(() => status);
  sink.write(SPAN);
  await clock.advance(15_000);
  assert.deepEqual(requests, [1, 1, 1]);
  assert.deepEqual(said, ["Traces cannot be sent; it is tried again"]);
  for (let n = 0; n < 5000; n++) sink.write(SPAN);
  await clock.settle();
  assert.deepEqual(requests.length, 3, "where nobody listens, nothing is hurried");
  status = 200;
  await clock.advance(5000);
  assert.deepEqual(requests.slice(3), [512, 512, 512, 512]);
  assert.equal(said[1], "Traces are sent again");
  await end();
});

Deno.test("OtlpSpans does not wait long at the end for a collector that does not answer", async () => {
  const { clock, sink, requests, end } = begin(() => new Promise<never>(() => {}));
  sink.write(SPAN);
  await clock.advance(5000);
  assert.deepEqual(requests, [1]);
  const begunMs = clock.monotonicMs();
  await end();
  assert.ok(clock.monotonicMs() - begunMs <= 2000);
  assert.deepEqual(requests, [1, 1], "what was under way is sent once more");
});
