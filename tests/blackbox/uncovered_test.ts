/** A database's stream that follows retired collections: what began while nobody looked is brought, too. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { awaitLineLake, LINE_LAKE } from "../support/line_lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { streamingSettings } from "./settings.ts";

Deno.test("a database follows its retired collections without losing those that began while nothing ran", async () => {
  await using writer = createMongoWriter(uniqueName("wider"));
  const db = writer.client.db(writer.database);
  const folder = await Deno.makeTempDir();
  const lake = join(folder, "lake");
  const wide = {
    ...streamingSettings(writer.database),
    ...LINE_LAKE,
    DESTINATION: `file://${lake}`,
  };
  const env = { ...wide, WATCH_LEVEL: "collection", MONGODB_COLLECTIONS: "*" };
  const rowsReach = (count: number) =>
    awaitLineLake(lake, ({ rows }) => {
      return rows.filter(({ operation }) => operation === "insert").length === count;
    });
  try {
    await using first = startProgram(["run"], { env });
    await first.line(/Pipeline started/);
    await writer.insert(["there"], 20);
    await rowsReach(20);
    first.kill("SIGTERM");
    await first.ended;
    await writer.insert(["young"], 50);
    await writer.insert(["brief"], 10);
    await db.collection("brief").drop();
    // Each start names what is to be retired before it.
    for (const names of [["there"], ["brief", "young"]]) {
      await using refused = startProgram(["run"], { env: wide });
      const line = await refused.line(/Cannot begin database:.*layout retire/);
      const words = /layout retire ([^`]*)`/.exec(line)![1]!.split(" ");
      const targets = names.map((name) => `collection:${writer.database}.${name}`);
      assert.deepEqual(words.sort(), targets);
      refused.kill("SIGKILL");
      await refused.ended;
      const retired = await runProgram(["layout", "retire", ...words], { env: wide });
      assert.equal(retired.code, 0, retired.stdout + retired.stderr);
    }
    await using last = startProgram(["run"], { env: wide });
    await last.line(/Change stream opened/);
    await writer.insert(["there", "young"], 5);
    const { rows } = await rowsReach(90);
    assert.equal(new Set(rows.map((row) => row.resume_token)).size, rows.length);
    last.kill("SIGTERM");
    assert.equal((await last.ended).code, 0, last.stderr.join("\n"));
    const verified = await runProgram(["verify"], { env: wide });
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
