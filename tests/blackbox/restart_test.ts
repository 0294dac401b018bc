import assert from "node:assert/strict";
import { join } from "node:path";
import { queryLake } from "../support/lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { assertExactlyOnce, totalOf, waitForFolder } from "./judge.ts";
import { streamingSettings } from "./settings.ts";

Deno.test("run goes on where it stopped after SIGTERM, with its state store wiped", async () => {
  await using writer = createMongoWriter(uniqueName("restart"));
  const folder = await Deno.makeTempDir();
  const lake = join(folder, "lake");
  const state = join(folder, "state");
  const env = {
    ...streamingSettings(writer.database),
    DESTINATION: `file://${lake}`,
    STATE_STORE: `file://${state}`,
    BATCH_TIMEOUT: "1m",
  };
  try {
    for (let round = 1; round <= 3; round++) {
      await using program = startProgram(["run"], { env });
      await program.line(/Change stream opened/);
      await writer.insert(["orders"], 300);
      // What it has not read yet, the next round reads.
      program.kill("SIGTERM");
      const { code } = await program.ended;
      assert.equal(code, 0, program.stderr.join("\n"));
      await Deno.remove(state, { recursive: true });
      await writer.insert(["orders"], 100);
    }
    await using last = startProgram(["run"], { env: { ...env, BATCH_TIMEOUT: "100ms" } });
    await waitForFolder(lake, totalOf(writer.inserted));
    last.kill("SIGTERM");
    assert.equal((await last.ended).code, 0);
    await assertExactlyOnce(lake, writer.inserted);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("run begins its journal before the first event, so that nothing after the first start is lost", async () => {
  await using writer = createMongoWriter(uniqueName("genesis"));
  const lake = await Deno.makeTempDir();
  const env = { ...streamingSettings(writer.database), DESTINATION: `file://${lake}` };
  try {
    await writer.insert(["before"], 10);
    await using first = startProgram(["run"], { env: { ...env, BATCH_TIMEOUT: "1h" } });
    await first.line(/Journal begun/);
    first.kill("SIGKILL");
    await first.ended;
    await writer.insert(["orders"], 50);
    await using second = startProgram(["run"], { env });
    await waitForFolder(lake, 50);
    second.kill("SIGTERM");
    assert.equal((await second.ended).code, 0);
    const rows = await queryLake(lake, "SELECT DISTINCT collection FROM lake");
    assert.deepEqual(rows, [{ collection: "orders" }]);
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
});
