import assert from "node:assert/strict";
import { freePort } from "../../scripts/services/free_port.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { redisUrl, uniqueName } from "../support/services.ts";
import { assertExactlyOnce, totalOf, waitForFolder } from "./judge.ts";
import { streamingSettings } from "./settings.ts";

Deno.test("pause stops one stream, resume goes on with it, and nothing is lost in between", async () => {
  const address = { HTTP_ADDRESS: `127.0.0.1:${freePort()}`, HTTP_TOKEN: "a-token-for-the-test" };
  await pauseAndResume(address);
});

Deno.test("pause and resume reach whoever runs the stream through Redis, without HTTP", async () => {
  await pauseAndResume({ LEASES: "auto", REDIS_URL: redisUrl() });
});

async function pauseAndResume(way: Readonly<Record<string, string>>): Promise<void> {
  await using writer = createMongoWriter(uniqueName("pause"));
  const lake = await Deno.makeTempDir();
  const env = {
    ...streamingSettings(writer.database),
    MONGODB_COLLECTIONS: "orders,items",
    DESTINATION: `file://${lake}`,
    ...way,
  };
  const stream = `collection:${writer.database}.orders`;
  const order = async (verb: string) => {
    const { code, stdout, stderr } = await runProgram([verb, stream], { env });
    assert.equal(code, 0, stdout + stderr);
  };
  try {
    await using program = startProgram(["run"], { env });
    await program.line(/Change stream opened.*orders/);
    await program.line(/Change stream opened.*items/);
    await order("pause");
    await program.line(/Stream drained.*orders/);
    await writer.insert(["orders", "items"], 40);
    await waitForFolder(lake, 40);
    await order("resume");
    await waitForFolder(lake, totalOf(writer.inserted));
    program.kill("SIGTERM");
    assert.equal((await program.ended).code, 0);
    await assertExactlyOnce(lake, writer.inserted);
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
}
