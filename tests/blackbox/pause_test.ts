import assert from "node:assert/strict";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { assertExactlyOnce, totalOf, waitForFolder } from "./judge.ts";
import { sourceSettings } from "./settings.ts";

Deno.test("pause stops one stream, resume goes on with it, and nothing is lost in between", async () => {
  await using writer = createMongoWriter(uniqueName("pause"));
  const lake = await Deno.makeTempDir();
  const port = freePort();
  const env = {
    ...sourceSettings(writer.database),
    MONGODB_COLLECTIONS: "orders,items",
    DESTINATION: `file://${lake}`,
    HTTP_ADDRESS: `127.0.0.1:${port}`,
    HTTP_TOKEN: "a-token-for-the-test",
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
});

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}
