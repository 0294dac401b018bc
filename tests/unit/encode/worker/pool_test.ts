import assert from "node:assert/strict";
import { createEncoderPool, type EncoderPoolOptions } from "../../../../src/encode/worker/pool.ts";
import { startEncodeWorker } from "../../../../src/encode/worker/start_worker.ts";
import { EncoderCrashError, TransientError } from "../../../../src/model/errors.ts";
import type { EncodeRequest } from "../../../../src/pipeline/ports.ts";
import { nextTurn } from "../../../../src/support/flow/next_turn.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { chunkOf, sampleEvent } from "../../../contract/encoder_events.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const ENCODING = { format: "jsonl", compression: "none", jsonMode: "relaxed" } as const;

/** Workers that fail, each in its own way. The runtime prints the errors of some. */
const FAILING = {
  "throws": `onmessage = () => { throw new Error("out of order"); };`,
  "rejects": `onmessage = () => { Promise.reject(new Error("out of order")); };`,
  "answers nonsense": `onmessage = () => postMessage("hello");`,
  "does not even start": `this is no JavaScript`,
};
/** Far more than can be taken while an object is on its way. */
const STEPS_MAX = 1000;
const SILENT = `onmessage = () => {};`;
const MUTE = {
  "never answers": SILENT,
  "ends itself": `onmessage = () => { close(); };`,
};

function workerOf(code: string): Worker {
  return startEncodeWorker(new URL(`data:application/javascript,${encodeURIComponent(code)}`));
}

function request(): EncodeRequest {
  return { encoding: ENCODING, chunks: [chunkOf([sampleEvent(0).bson, sampleEvent(1).bson])] };
}

function openPool(options: Partial<EncoderPoolOptions>) {
  const createWorker = () => startEncodeWorker();
  return createEncoderPool({ workers: 1, createWorker, clock: systemClock, ...options });
}

for (const [what, code] of Object.entries(FAILING)) {
  Deno.test(`createEncoderPool replaces a worker that ${what}`, async () => {
    let started = 0;
    await using pool = openPool({
      createWorker: () => ++started <= 2 ? workerOf(code) : startEncodeWorker(),
    });
    await assert.rejects(pool.encode(request()), EncoderCrashError);
    await assert.rejects(pool.encode(request()), EncoderCrashError);
    assert.equal((await pool.encode(request())).rows, 2);
    assert.equal((await pool.encode(request())).rows, 2);
    assert.equal(started, 3);
  });
}

for (const [what, code] of Object.entries(MUTE)) {
  Deno.test(`createEncoderPool gives up on a worker that ${what}`, async () => {
    const clock = new VirtualClock();
    let started = 0;
    await using pool = openPool({
      clock,
      requestMsMax: 1234,
      createWorker: () => ++started === 1 ? workerOf(code) : startEncodeWorker(),
    });
    const failing = assert.rejects(
      pool.encode(request()),
      /EncoderCrashError.*no answer after 1234 ms/s,
    );
    await clock.advance(1234);
    await failing;
    assert.equal((await pool.encode(request())).rows, 2);
  });
}

Deno.test("createEncoderPool rejects a request whose worker cannot even be started", async () => {
  await using pool = openPool({
    createWorker: () => {
      throw new Error("no threads left");
    },
  });
  const answers = await Promise.allSettled([pool.encode(request()), pool.encode(request())]);
  for (const answer of answers) {
    assert.ok(answer.status === "rejected" && answer.reason instanceof EncoderCrashError);
    assert.match(answer.reason.message, /no threads left/);
  }
});

Deno.test("createEncoderPool transfers the chunks instead of copying them", async () => {
  await using pool = openPool({});
  const { encoding, chunks } = request();
  const answer = pool.encode({ encoding, chunks });
  assert.equal(chunks[0]!.bytes.length, 0);
  assert.equal((await answer).rows, 2);
});

Deno.test("createEncoderPool rejects what has been transferred already, and goes on", async () => {
  await using pool = openPool({});
  const { encoding, chunks } = request();
  await pool.encode({ encoding, chunks });
  await assert.rejects(pool.encode({ encoding, chunks }), EncoderCrashError);
  assert.equal((await pool.encode(request())).rows, 2);
});

Deno.test("createEncoderPool queues up to its limit and gives each worker one request", async () => {
  const pool = openPool({ workers: 2, queueRequestsMax: 3, createWorker: () => workerOf(SILENT) });
  const answers = Array.from({ length: 5 }, () => pool.encode(request()));
  assert.equal(pool.waiting, 3);
  await assert.rejects(pool.encode(request()), TransientError);
  const settled = Promise.allSettled(answers);
  await pool[Symbol.asyncDispose]();
  for (const answer of await settled) {
    assert.ok(answer.status === "rejected" && answer.reason instanceof EncoderCrashError);
  }
  assert.equal(pool.waiting, 0);
  await assert.rejects(pool.encode(request()), EncoderCrashError);
});

Deno.test("createEncoderPool holds no timer once a request is answered", async () => {
  const clock = new VirtualClock();
  await using pool = openPool({ clock });
  const answer = pool.encode(request());
  assert.equal(clock.timerCount, 1);
  await answer;
  assert.equal(clock.timerCount, 0);
});

Deno.test("createEncoderPool ends every worker it has started", async () => {
  const ended: boolean[] = [];
  const pool = openPool({
    createWorker() {
      const place = ended.push(false) - 1;
      const worker = place === 0 ? workerOf(FAILING["answers nonsense"]) : startEncodeWorker();
      const terminate = worker.terminate.bind(worker);
      worker.terminate = () => {
        ended[place] = true;
        terminate();
      };
      return worker;
    },
  });
  await assert.rejects(pool.encode(request()), EncoderCrashError);
  await pool.encode(request());
  assert.deepEqual(ended, [true, false]);
  await pool[Symbol.asyncDispose]();
  assert.deepEqual(ended, [true, true]);
});

Deno.test("createEncoderPool refuses to have no worker", () => {
  assert.throws(() => openPool({ workers: 0 }), RangeError);
});

Deno.test("createEncoderPool begins no object while requests wait for a worker", async () => {
  const pool = openPool({ createWorker: () => workerOf(SILENT) });
  const answers = Promise.allSettled([pool.encode(request()), pool.encode(request())]);
  assert.equal(pool.waiting, 1);
  assert.equal(pool.begin!(ENCODING, 0, () => {}), undefined);
  await pool[Symbol.asyncDispose]();
  await answers;
  assert.equal(pool.begin!(ENCODING, 0, () => {}), undefined);
});

Deno.test("createEncoderPool begins an object with an idle worker rather than a busy one", async () => {
  let started = 0;
  await using pool = openPool({
    workers: 2,
    createWorker: () => ++started === 1 ? workerOf(SILENT) : startEncodeWorker(),
  });
  const stuck = pool.encode(request()).catch(() => {});
  const begun = pool.begin!(ENCODING, 0, () => {})!;
  assert.equal((await begun.finish(request().chunks)).rows, 2);
  await pool[Symbol.asyncDispose]();
  await stuck;
});

Deno.test("createEncoderPool encodes a whole object between the steps of one that never rests", async () => {
  await using pool = openPool({});
  let steps = 0;
  const step = () => {
    if (++steps <= STEPS_MAX) begun.add(request().chunks);
  };
  const begun = pool.begin!(ENCODING, 0, step)!;
  step();
  step();
  const whole = await pool.encode(request());
  assert(steps < STEPS_MAX, "it had to wait until there was nothing more to do");
  assert.equal(whole.rows, 2);
  steps = STEPS_MAX;
  assert((await begun.finish([])).rows > 2);
});

/** Answers what it is asked, but dies at a whole object. */
const DIES_AT_WHOLE = `onmessage = ({ data }) =>
  postMessage({ kind: data.kind === "encode" ? "crashed" : "done", message: "poison" });`;

Deno.test("createEncoderPool blames nobody for a worker that died on another's events", async () => {
  let started = 0;
  await using pool = openPool({
    createWorker: () => ++started === 1 ? workerOf(DIES_AT_WHOLE) : startEncodeWorker(),
  });
  const begun = pool.begin!(ENCODING, 0, () => {})!;
  begun.add(request().chunks);
  const poisoned = assert.rejects(pool.encode(request()), EncoderCrashError);
  while (pool.waiting > 0) await nextTurn();
  // Waits behind the request on which the worker dies.
  const finished = begun.finish(request().chunks);
  const next = pool.begin!(ENCODING, 0, () => {})!;
  next.add(request().chunks);
  await assert.rejects(finished, /TransientError.*died on another one.*poison/s);
  await poisoned;
  assert.equal((await next.finish([])).rows, 2);
});

Deno.test("createEncoderPool blames the events of a begun object for the worker that died on them", async () => {
  let started = 0;
  const dies = `onmessage = ({ data }) =>
    postMessage({ kind: data.kind === "add" ? "crashed" : "done", message: "poison" });`;
  await using pool = openPool({
    createWorker: () => ++started === 1 ? workerOf(dies) : startEncodeWorker(),
  });
  const begun = pool.begin!(ENCODING, 0, () => {})!;
  begun.add(request().chunks);
  const whole = pool.encode(request());
  await assert.rejects(begun.finish([]), /EncoderCrashError.*poison/s);
  assert.equal((await whole).rows, 2);
});

Deno.test("createEncoderPool gives up on a worker that does not answer a step of a begun object", async () => {
  const clock = new VirtualClock();
  let started = 0;
  await using pool = openPool({
    clock,
    createWorker: () => ++started === 1 ? workerOf(SILENT) : startEncodeWorker(),
  });
  const begun = pool.begin!(ENCODING, 0, () => {})!;
  begun.add(request().chunks);
  const failing = assert.rejects(begun.finish([]), EncoderCrashError);
  assert.equal(clock.timerCount, 1);
  await clock.advance(clock.timersInMs[0]!);
  await failing;
  const next = pool.begin!(ENCODING, 0, () => {})!;
  assert.equal((await next.finish(request().chunks)).rows, 2);
  assert.equal(clock.timerCount, 0);
});

Deno.test("createEncoderPool ends what is begun when it is disposed of", async () => {
  const pool = openPool({ createWorker: () => workerOf(SILENT) });
  const begun = pool.begin!(ENCODING, 0, () => {})!;
  begun.add(request().chunks);
  await pool[Symbol.asyncDispose]();
  await assert.rejects(begun.finish([]), EncoderCrashError);
});
