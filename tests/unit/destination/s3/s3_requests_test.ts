import assert from "node:assert/strict";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { S3Requests } from "../../../../src/destination/s3/s3_requests.ts";
import { TransientError } from "../../../../src/model/errors.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { eventually } from "../../../support/eventually.ts";
import { s3Refusal, StandInS3 } from "../../../support/stand_in_s3.ts";
import { standInOptions, standInTools } from "../open_stand_in.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const ACTION = { text: 'read "a"', permissions: "s3:GetObject" };

Deno.test("sendOnce gives up when the deadline has passed", async () => {
  await using server = new StandInS3(() => s3Refusal(500, "InternalError"));
  const clock = new VirtualClock();
  const requests = new S3Requests(
    "lake",
    standInOptions(server.url),
    standInTools(undefined, clock),
  );
  const stuck = (bytes: number) =>
    requests.sendOnce({ action: ACTION, bytes, send: () => new Promise<never>(() => {}) });
  try {
    const small = assert.rejects(stuck(0), {
      name: "TransientError",
      message: 'Cannot read "a": no answer in 30 s',
    });
    const large = assert.rejects(stuck(32 * 1024 ** 2), TransientError);
    const [smallMs, largeMs] = clock.timersInMs;
    assert.equal(smallMs, 30_000);
    assert.ok(largeMs! > 250_000 && largeMs! < 300_000);
    await clock.advance(largeMs!);
    await Promise.all([small, large]);
  } finally {
    requests.close();
  }
});

Deno.test("close and the signal end what is under way, also waits between tries", async () => {
  await using server = new StandInS3(() => s3Refusal(503, "SlowDown"));
  for (const how of ["close", "signal"] as const) {
    const controller = new AbortController();
    const slow = { retriesMax: 9, firstMs: 3_600_000, maxMs: 3_600_000 };
    const options = { ...standInOptions(server.url), retry: slow };
    const requests = new S3Requests("lake", options, standInTools(controller.signal));
    const before = server.calls.length;
    const waiting = requests.send({
      action: ACTION,
      send: (client, abortSignal) =>
        client.send(new GetObjectCommand({ Bucket: "lake", Key: "a" }), { abortSignal }),
    });
    const stuck = requests.sendOnce({ action: ACTION, send: () => new Promise<never>(() => {}) });
    const outcomes = Promise.allSettled([waiting, stuck]);
    await eventually(() => server.calls.length > before);
    how === "close" ? requests.close() : controller.abort();
    for (const outcome of await outcomes) {
      assert.equal(outcome.status, "rejected");
      assert.ok((outcome as PromiseRejectedResult).reason instanceof TransientError);
    }
    await assert.rejects(requests.sendOnce({ action: ACTION, send: () => Promise.resolve() }), {
      message: 'Cannot read "a": the destination is closed',
    });
    requests.close();
  }
});

Deno.test("sendOnce has at most as many requests under way as connections", async () => {
  const options = { ...standInOptions("http://127.0.0.1:1"), connectionsMax: 3 };
  const requests = new S3Requests("lake", options, standInTools());
  let running = 0;
  let runningMax = 0;
  const work = () =>
    requests.sendOnce({
      action: ACTION,
      async send() {
        runningMax = Math.max(runningMax, ++running);
        await systemTick();
        running--;
      },
    });
  await Promise.all(Array.from({ length: 10 }, work));
  assert.equal(runningMax, 3);
  requests.close();
});

Deno.test("a name that is lost after the first answer, also a refusal, is no wrong setting", async () => {
  const lost = Object.assign(new Error("getaddrinfo ENOTFOUND x"), { code: "ENOTFOUND" });
  const refusal = Object.assign(new Error("no"), { $metadata: { httpStatusCode: 503 } });
  for (const answer of [() => Promise.resolve(), () => Promise.reject(refusal)]) {
    const requests = new S3Requests("lake", standInOptions("http://127.0.0.1:1"), standInTools());
    const fail = () => requests.sendOnce({ action: ACTION, send: () => Promise.reject(lost) });
    await assert.rejects(fail(), { name: "PermanentError" });
    await requests.sendOnce({ action: ACTION, send: answer }).catch(() => {});
    await assert.rejects(fail(), { name: "TransientError" });
    requests.close();
  }
});

/** Lets the event loop go round once. */
function systemTick(): Promise<void> {
  return new Promise((resolve) => systemClock.after(1, resolve));
}
