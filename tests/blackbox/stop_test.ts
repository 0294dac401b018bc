import assert from "node:assert/strict";
import { freePort } from "../../scripts/services/free_port.ts";
import { join } from "node:path";
import { FaultProxy } from "../support/fault_proxy.ts";
import { createRowCounter, downloadLake } from "../support/lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { startProgram } from "../support/program.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { s3Endpoint, uniqueName } from "../support/services.ts";
import { assertExactlyOnce, totalOf, waitForFolder, waitForRows } from "./judge.ts";
import { s3Settings, streamingSettings } from "./settings.ts";

for (const how of ["a second signal", "SHUTDOWN_TIMEOUT"]) {
  Deno.test(`${how} ends a stop that hangs, and loses nothing`, async () => {
    const bucket = uniqueName("stop");
    await ensureBucket(bucket);
    await using writer = createMongoWriter(uniqueName("stop"));
    const { hostname, port } = new URL(s3Endpoint());
    await using proxy = new FaultProxy({ target: { hostname, port: Number(port) } });
    const folder = await Deno.makeTempDir();
    const env = {
      ...streamingSettings(writer.database),
      ...s3Settings(bucket, "lake", proxy.url),
      SHUTDOWN_TIMEOUT: how === "SHUTDOWN_TIMEOUT" ? "1s" : "10m",
    };
    try {
      await using program = startProgram(["run"], { env });
      await program.line(/Change stream opened/);
      await writer.insert(["orders"], 500);
      await waitForRows(500, createRowCounter(bucket, "lake/"));
      proxy.setMode({ kind: "black-hole" });
      await writer.insert(["orders"], 500);
      program.kill("SIGTERM");
      await program.line(/Stopping: storing what has been read/);
      if (how === "a second signal") program.kill("SIGINT");
      assert.equal((await program.ended).code, 1);
      proxy.setMode({ kind: "pass" });
      await using next = startProgram(["run"], { env });
      await waitForRows(totalOf(writer.inserted), createRowCounter(bucket, "lake/"));
      next.kill("SIGTERM");
      assert.equal((await next.ended).code, 0);
      await downloadLake(bucket, "lake/", folder);
      await assertExactlyOnce(folder, writer.inserted);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("a stream that cannot run stops neither the others nor, alone, the program", async () => {
  await using writer = createMongoWriter(uniqueName("alone"));
  const lake = await Deno.makeTempDir();
  const journal = join(lake, "_tributary/streams", `collection.${writer.database}.items`);
  await Deno.mkdir(journal, { recursive: true });
  await Deno.writeTextFile(join(journal, "0000000000000000.json"), '{"v":99,"kind":"genesis"}');
  const env = { ...streamingSettings(writer.database), DESTINATION: `file://${lake}` };
  try {
    const http = `127.0.0.1:${freePort()}`;
    await using both = startProgram(["run"], {
      env: { ...env, MONGODB_COLLECTIONS: "orders,items", HTTP_ADDRESS: http },
    });
    await both.line(/Stream needs a person.*items.*99/);
    await both.line(/Change stream opened.*orders/);
    await writer.insert(["orders"], 20);
    await waitForFolder(lake, 20);
    // Its lease was given back long ago; that it needs a person is seen all the same.
    const { status } = await (await fetch(`http://${http}/health`)).json();
    assert.equal(status, "degraded");
    const ready = await fetch(`http://${http}/ready`);
    assert.deepEqual([ready.status, (await ready.json()).reasons], [503, ["1 stream is not read"]]);
    both.kill("SIGTERM");
    assert.equal((await both.ended).code, 0);
    await using alone = startProgram(["run"], { env: { ...env, MONGODB_COLLECTIONS: "items" } });
    await alone.line(/Stream needs a person; it is tried again/);
    alone.kill("SIGTERM");
    assert.equal((await alone.ended).code, 0);
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
});
