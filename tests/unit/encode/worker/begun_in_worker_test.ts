import assert from "node:assert/strict";
import { BegunInWorker } from "../../../../src/encode/worker/begun_in_worker.ts";
import type { WorkerTask } from "../../../../src/encode/worker/worker_slot.ts";
import { chunkOf, sampleEvent } from "../../../contract/encoder_events.ts";

const ENCODING = { format: "jsonl", compression: "none", jsonMode: "relaxed" } as const;
const RESULT = { bytes: new Uint8Array(1), rows: 1, operations: {}, failed: [], encodeMs: 0 };

function begin() {
  const tasks: WorkerTask[] = [];
  let ended = 0;
  let progress = 0;
  const others = { areIdle: false };
  const begun = new BegunInWorker({
    slot: { send: (task: WorkerTask) => void tasks.push(task) },
    encoding: ENCODING,
    bytesExpected: 5,
    progress: () => progress++,
    othersIdle: () => others.areIdle,
    ended: () => ended++,
  });
  const kinds = () => tasks.map((task) => task.message.kind);
  return { begun, tasks, kinds, others, ended: () => ended, progress: () => progress };
}

const part = () => [chunkOf([sampleEvent(0).bson])];

Deno.test("BegunInWorker sends each step, all in its own name, and answers with the result", async () => {
  const { begun, tasks, kinds, ended } = begin();
  begun.add(part());
  const result = begun.finish(part());
  assert.deepEqual(kinds(), ["begin", "add", "finish"]);
  assert.ok(tasks.every((task) => task.owner === begun));
  assert.equal(ended(), 1);
  tasks[2]!.done([RESULT]);
  assert.equal(await result, RESULT);
  begun.drop();
  assert.deepEqual([kinds().length, ended()], [3, 1]);
});

Deno.test("BegunInWorker sends nothing more after a step has failed, and finish tells why", async () => {
  const { begun, tasks, kinds, ended } = begin();
  begun.add(part());
  tasks[1]!.failed(new Error("it died"));
  begun.add(part());
  await assert.rejects(begun.finish(part()), /it died/);
  assert.deepEqual(kinds(), ["begin", "add"]);
  assert.equal(ended(), 1);
});

Deno.test("BegunInWorker that is lost sends nothing more, also not to drop it", () => {
  const { begun, kinds, ended } = begin();
  begun.lost(new Error("it is gone"));
  begun.add(part());
  begun.drop();
  assert.deepEqual(kinds(), ["begin"]);
  assert.equal(ended(), 1);
});

Deno.test("BegunInWorker.drop gives its place back once", () => {
  const { begun, kinds, ended } = begin();
  begun.drop();
  begun.drop();
  assert.deepEqual(kinds(), ["begin", "drop"]);
  assert.equal(ended(), 1);
});

Deno.test("BegunInWorker is behind while much waits for its worker, and no other is idle", () => {
  const { begun, tasks, others, progress } = begin();
  const large = () => [{ bytes: new Uint8Array(2 << 20), starts: new Uint32Array(0) }];
  begun.add(large());
  assert.equal(begun.isBehind, false);
  begun.add(large());
  assert.equal(begun.isBehind, true);
  others.areIdle = true;
  assert.equal(begun.isBehind, false);
  others.areIdle = false;
  assert.equal(progress(), 0);
  tasks[1]!.done([]);
  assert.deepEqual([begun.isBehind, progress()], [false, 1]);
  begun.add(large());
  assert.equal(begun.isBehind, true);
  // What is lost waits for nothing: whoever held back must go on, to learn of it.
  begun.lost(new Error("it is gone"));
  assert.deepEqual([begun.isBehind, progress()], [false, 2]);
});

Deno.test("BegunInWorker takes a step for each chunk", () => {
  const { begun, tasks, kinds } = begin();
  begun.add([...part(), ...part()]);
  assert.deepEqual(kinds(), ["begin", "add", "add"]);
  tasks[1]!.failed(new Error("it died"));
  begun.add([...part(), ...part()]);
  assert.deepEqual(kinds(), ["begin", "add", "add"]);
});
