import assert from "node:assert/strict";
import type { WorkerReply, WorkerRequest } from "../../../../src/encode/worker/worker_messages.ts";
import { type TaskOwner, WorkerSlot } from "../../../../src/encode/worker/worker_slot.ts";
import { systemClock } from "../../../../src/support/clock.ts";

const ENCODED: WorkerReply = {
  kind: "encoded",
  results: [{ bytes: new Uint8Array(1), rows: 0, operations: {}, failed: [], encodeMs: 0 }],
};
const ENCODE: WorkerRequest = {
  kind: "encode",
  requests: [],
};

/** A worker that answers when the test says so. */
class HeldWorker {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onmessageerror = null;
  onerror = null;
  readonly got: string[] = [];
  isTerminated = false;

  postMessage(request: WorkerRequest): void {
    this.got.push(request.kind);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  answer(data: unknown): void {
    this.onmessage?.({ data });
  }
}

function openSlot() {
  const workers: HeldWorker[] = [];
  let freed = 0;
  const slot = new WorkerSlot({
    createWorker: () => workers[workers.push(new HeldWorker()) - 1] as unknown as Worker,
    clock: systemClock,
    requestMsMax: 1e6,
    onFree: () => freed++,
  });
  const log: string[] = [];
  const owner = (name: string): TaskOwner => ({
    lost: (error) => log.push(`${name} lost: ${error.name}`),
  });
  const send = (owner: TaskOwner, name: string, message: WorkerRequest) =>
    slot.send({
      owner,
      message,
      done: (results) => log.push(`${name}: ${results.length === 0 ? "done" : "encoded"}`),
      failed: (error) => log.push(`${name} failed: ${error.name}`),
    });
  return { slot, workers, log, owner, send, freed: () => freed };
}

Deno.test("WorkerSlot sends tasks of one owner together, and another's when they are answered", () => {
  const { slot, workers, log, owner, send, freed } = openSlot();
  const [a, b] = [owner("a"), owner("b")];
  send(a, "a1", ENCODE);
  send(a, "a2", { kind: "drop" });
  send(b, "b1", ENCODE);
  send(a, "a3", { kind: "drop" });
  const [worker] = workers;
  assert.deepEqual(worker!.got, ["encode", "drop"]);
  worker!.answer(ENCODED);
  assert.deepEqual(worker!.got, ["encode", "drop"]);
  worker!.answer({ kind: "done" });
  assert.deepEqual(worker!.got, ["encode", "drop", "encode"]);
  worker!.answer(ENCODED);
  assert.deepEqual([slot.isIdle, slot.isOpen, freed()], [false, true, 1]);
  worker!.answer({ kind: "done" });
  assert.deepEqual(log, ["a1: encoded", "a2: done", "b1: encoded", "a3: done"]);
  assert.deepEqual([slot.isIdle, freed()], [true, 2]);
  slot.close(new Error("the test is over"));
  assert.ok(worker!.isTerminated);
});

Deno.test("WorkerSlot takes an answer of the wrong kind, or to nothing, for a crash", () => {
  for (const answer of [ENCODED, { kind: "done" }, "hello", undefined]) {
    const { workers, log, owner, send } = openSlot();
    const wants = answer === ENCODED ? { kind: "drop" } as const : ENCODE;
    send(owner("a"), "a1", wants);
    workers[0]!.answer(answer);
    assert.deepEqual(log, ["a1 failed: EncoderCrashError"]);
    assert.ok(workers[0]!.isTerminated);
  }
  const { workers, owner, send, slot } = openSlot();
  send(owner("a"), "a1", ENCODE);
  workers[0]!.answer(ENCODED);
  workers[0]!.answer(ENCODED);
  assert.ok(workers[0]!.isTerminated);
  slot.close(new Error("the test is over"));
});

Deno.test("WorkerSlot fails what waits for a begun object that is lost, and nothing else", () => {
  const { slot, workers, log, owner, send } = openSlot();
  const [begun, whole, next] = [owner("begun"), owner("whole"), owner("next")];
  const encoding = { format: "jsonl", compression: "none", jsonMode: "relaxed" } as const;
  send(begun, "begin", { kind: "begin", encoding, bytesExpected: 0 });
  workers[0]!.answer({ kind: "done" });
  send(whole, "whole", ENCODE);
  send(begun, "finish", { kind: "finish", chunks: [] });
  send(next, "next", { kind: "begin", encoding, bytesExpected: 0 });
  workers[0]!.answer({ kind: "crashed", message: "poison" });
  assert.deepEqual(log, [
    "begin: done",
    "whole failed: EncoderCrashError",
    "begun lost: TransientError",
    "finish failed: TransientError",
  ]);
  assert.deepEqual(workers[1]!.got, ["begin"]);
  slot.close(new Error("the test is over"));
  assert.deepEqual(log.slice(4), ["next lost: Error", "next failed: Error"]);
});

Deno.test("WorkerSlot loses nothing once an object has ended", () => {
  const { slot, workers, log, owner, send } = openSlot();
  const begun = owner("begun");
  const encoding = { format: "jsonl", compression: "none", jsonMode: "relaxed" } as const;
  send(begun, "begin", { kind: "begin", encoding, bytesExpected: 0 });
  send(begun, "finish", { kind: "finish", chunks: [] });
  workers[0]!.answer({ kind: "done" });
  workers[0]!.answer(ENCODED);
  send(owner("whole"), "whole", ENCODE);
  workers[0]!.answer({ kind: "crashed", message: "poison" });
  assert.deepEqual(log, ["begin: done", "finish: encoded", "whole failed: EncoderCrashError"]);
  slot.close(new Error("the test is over"));
});

Deno.test("WorkerSlot sends two steps at once, and whole objects of others before the steps that wait", () => {
  const { slot, workers, log, owner, send } = openSlot();
  const [begun, whole] = [owner("begun"), owner("whole")];
  const encoding = { format: "jsonl", compression: "none", jsonMode: "relaxed" } as const;
  send(begun, "begin", { kind: "begin", encoding, bytesExpected: 0 });
  for (const name of ["1", "2", "3"]) send(begun, name, { kind: "add", chunks: [] });
  const [worker] = workers;
  assert.deepEqual(worker!.got, ["begin", "add"]);
  worker!.answer({ kind: "done" });
  assert.deepEqual(worker!.got, ["begin", "add", "add"]);
  send(whole, "whole", ENCODE);
  worker!.answer({ kind: "done" });
  worker!.answer({ kind: "done" });
  assert.deepEqual(worker!.got, ["begin", "add", "add", "encode"]);
  worker!.answer(ENCODED);
  assert.deepEqual(worker!.got, ["begin", "add", "add", "encode", "add"]);
  worker!.answer({ kind: "done" });
  assert.deepEqual(log, ["begin: done", "1: done", "2: done", "whole: encoded", "3: done"]);
  slot.close(new Error("the test is over"));
});

Deno.test("WorkerSlot fails the steps that wait when the worker dies on one before them", () => {
  const { slot, workers, log, owner, send } = openSlot();
  const begun = owner("begun");
  const encoding = { format: "jsonl", compression: "none", jsonMode: "relaxed" } as const;
  send(begun, "begin", { kind: "begin", encoding, bytesExpected: 0 });
  for (const name of ["1", "2", "3"]) send(begun, name, { kind: "add", chunks: [] });
  workers[0]!.answer({ kind: "done" });
  workers[0]!.answer({ kind: "crashed", message: "poison" });
  assert.deepEqual(log.slice(1), [
    "1 failed: EncoderCrashError",
    "2 failed: EncoderCrashError",
    "begun lost: EncoderCrashError",
    "3 failed: EncoderCrashError",
  ]);
  slot.close(new Error("the test is over"));
});
