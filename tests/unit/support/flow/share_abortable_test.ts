import assert from "node:assert/strict";
import { NoAnswerError } from "../../../../src/support/flow/call_within.ts";
import { shareAbortable } from "../../../../src/support/flow/share_abortable.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

/** Work whose runs end when they are told to. */
function scene() {
  const runs: { readonly signal: AbortSignal; readonly end: (answer: string) => void }[] = [];
  const clock = new VirtualClock();
  const ask = shareAbortable(clock, 1000, (signal) =>
    new Promise<string>((resolve, reject) => {
      runs.push({ signal, end: resolve });
      signal.addEventListener("abort", () => reject(signal.reason));
    }));
  return { runs, ask, clock };
}

const NEVER = new AbortController().signal;

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

Deno.test("shareAbortable gives each caller a run that begins after the call, and one at a time", async () => {
  const { runs, ask } = scene();
  const first = ask(NEVER);
  await settle();
  const others = [ask(NEVER), ask(NEVER)];
  await settle();
  assert.equal(runs.length, 1);
  runs[0]!.end("first");
  assert.equal(await first, "first");
  await settle();
  assert.equal(runs.length, 2);
  runs[1]!.end("second");
  assert.deepEqual(await Promise.all(others), ["second", "second"]);
});

Deno.test("shareAbortable stops a run that nobody waits for, and the next caller has another", async () => {
  const { runs, ask } = scene();
  const stops = [new AbortController(), new AbortController()];
  const asked = stops.map(({ signal }) => ask(signal));
  await settle();
  stops[0]!.abort(new Error("enough"));
  await assert.rejects(asked[0]!, /enough/);
  assert.equal(runs[0]!.signal.aborted, false);
  const waiting = ask(NEVER);
  stops[1]!.abort(new Error("too long"));
  await assert.rejects(asked[1]!, /too long/);
  assert.equal(runs[0]!.signal.aborted, true);
  await settle();
  runs[1]!.end("well");
  assert.equal(await waiting, "well");
  await assert.rejects(ask(stops[0]!.signal), /enough/);
});

Deno.test("shareAbortable does not tell who comes later why a run that had not begun was given up", async () => {
  const { runs, ask } = scene();
  const first = ask(NEVER);
  await settle();
  const stop = new AbortController();
  const left = ask(stop.signal);
  stop.abort(new Error("gone"));
  await assert.rejects(left, /gone/);
  const later = ask(NEVER);
  runs[0]!.end("first");
  assert.equal(await first, "first");
  await settle();
  runs.at(-1)!.end("later");
  assert.equal(await later, "later");
});

Deno.test("shareAbortable gives a run up that takes too long, so that the next one begins", async () => {
  const { runs, ask, clock } = scene();
  const first = assert.rejects(ask(NEVER), NoAnswerError);
  await settle();
  const later = ask(NEVER);
  await clock.advance(1000);
  await first;
  assert.equal(runs[0]!.signal.aborted, true);
  await settle();
  runs[1]!.end("later");
  assert.equal(await later, "later");
});
