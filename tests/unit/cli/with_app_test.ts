import assert from "node:assert/strict";
import { withSurroundings } from "../../../src/cli/with_app.ts";
import { EXIT } from "../../../src/cli/verb.ts";
import { PermanentError } from "../../../src/model/errors.ts";
import { fakeHost } from "../../support/fake_host.ts";

Deno.test("withSurroundings answers what the work answers, and gives it what it needs", async () => {
  const { host, stderr } = fakeHost({});
  const code = await withSurroundings(host, ({ app, tools, signal }) => {
    assert.equal(typeof app.verify, "function");
    assert.equal(tools.hostName, "host-1");
    assert(!signal.aborted);
    return Promise.resolve(EXIT.done);
  });
  assert.deepEqual([code, stderr], [EXIT.done, []]);
});

Deno.test("withSurroundings tells failures apart by whether the servers were reached", async () => {
  const error = new PermanentError("Cannot reach mongodb://ann:hunter22@h/");
  for (const [isReached, expected] of [[false, EXIT.preflight], [true, EXIT.failed]] as const) {
    const { host, stderr } = fakeHost({});
    const code = await withSurroundings(host, ({ reached }) => {
      if (isReached) reached();
      return Promise.reject(error);
    });
    assert.equal(code, expected);
    assert.deepEqual(stderr, ["tributary: Cannot reach mongodb://***@h/\n"]);
  }
});

Deno.test("withSurroundings aborts the work at a signal, and listens no longer afterwards", async () => {
  const { host } = fakeHost({});
  const handlers = new Set<(name: string) => void>();
  const onStopSignal = (handler: (name: string) => void) => {
    handlers.add(handler);
    return () => void handlers.delete(handler);
  };
  await withSurroundings({ ...host, onStopSignal }, ({ signal }) => {
    for (const handler of handlers) handler("SIGTERM");
    assert.match(String(signal.reason), /Stopped by SIGTERM/);
    return Promise.resolve(EXIT.done);
  });
  assert.equal(handlers.size, 0);
});
