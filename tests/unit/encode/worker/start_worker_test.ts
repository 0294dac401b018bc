import assert from "node:assert/strict";
import { encodeWorkerUrl, startEncodeWorker } from "../../../../src/encode/worker/start_worker.ts";

Deno.test("encodeWorkerUrl is the source beside the source and the bundle beside a bundle", () => {
  const urlFor = (here: string) => encodeWorkerUrl(here).href;
  assert.equal(
    urlFor("file:///a/src/encode/start_worker.ts"),
    "file:///a/src/encode/encode_worker.ts",
  );
  assert.equal(urlFor("file:///a/dist/main.js"), "file:///a/dist/encode_worker.js");
});

Deno.test("startEncodeWorker gives its worker no permission", async () => {
  const code = `
    const names = ["net", "read", "write", "env", "run", "ffi", "sys", "import"];
    const states = await Promise.all(
      names.map(async (name) => (await Deno.permissions.query({ name })).state),
    );
    postMessage(states);
  `;
  const url = new URL(`data:application/javascript,${encodeURIComponent(code)}`);
  const worker = startEncodeWorker(url);
  const states = await new Promise<string[]>((resolve, reject) => {
    worker.onmessage = (event) => resolve(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
  });
  worker.terminate();
  // "prompt" where the program itself may ask; a thread without a terminal never can.
  assert.deepEqual(states.filter((state) => state === "granted"), []);
  assert.equal(states.length, 8);
});
