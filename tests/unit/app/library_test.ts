import assert from "node:assert/strict";
import { check, runPipeline, verify } from "../../../src/app/library.ts";
import { PermanentError, TransientError } from "../../../src/model/errors.ts";

const AWAY = { mongodbUri: "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100" };

Deno.test("runPipeline rejects where a server does not answer, and says what is wrong with settings", async () => {
  const destination = `file://${await Deno.makeTempDir()}`;
  try {
    await assert.rejects(runPipeline({ ...AWAY, destination }), TransientError);
    await assert.rejects(runPipeline({ destination }), /MONGODB_URI/);
    const found = await check({ ...AWAY, destination });
    const failed = found.filter(({ state }) => state === "failed");
    assert.deepEqual(failed.map(({ subject }) => subject), ["MongoDB"]);
  } finally {
    await Deno.remove(destination.slice("file://".length), { recursive: true });
  }
});

Deno.test("verify needs a destination alone, and says where there is nothing", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const report = await verify({ destination: `file://${folder}` });
    assert.deepEqual(report.streams, []);
    await assert.rejects(verify({}), PermanentError);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
