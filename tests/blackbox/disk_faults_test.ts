import assert from "node:assert/strict";
import { freePort } from "../../scripts/services/free_port.ts";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { type Program, startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { assertExactlyOnce, totalOf, waitForFolder } from "./judge.ts";
import { streamingSettings } from "./settings.ts";

/** Only root may mount; what the program makes of the errors is tested without it, too. */
const ignore = Deno.uid() !== 0;

async function run(command: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args }).output();
  assert.ok(success, `${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

interface Scene {
  readonly lake: string;
  readonly program: Program;
  readonly writer: ReturnType<typeof createMongoWriter>;
  /** What `/health` says. */
  health(): Promise<{ readonly status: string; readonly dependencies: Record<string, string> }>;
  metric(name: string): Promise<number>;
}

/** Runs a program whose lake is a mount of its own. */
async function onMount(options: string, check: (scene: Scene) => Promise<void>): Promise<void> {
  const lake = await Deno.makeTempDir();
  await run("mount", "-t", "tmpfs", "-o", options, "none", lake);
  try {
    await using writer = createMongoWriter(uniqueName("disk"));
    const http = `127.0.0.1:${freePort()}`;
    const env = {
      ...streamingSettings(writer.database),
      ...{ MONGODB_COLLECTIONS: "orders", DESTINATION: `file://${lake}`, HTTP_ADDRESS: http },
    };
    await using program = startProgram(["run"], { env });
    await program.line(/Change stream opened/);
    await check({
      ...{ lake, program, writer },
      health: async () => await (await fetch(`http://${http}/health`)).json(),
      async metric(name) {
        const text = await (await fetch(`http://${http}/metrics`)).text();
        const lines = text.split("\n").filter((line) => line.startsWith(name));
        // Some are counted by collection.
        return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
      },
    });
  } finally {
    await run("umount", "-l", lake);
    await Deno.remove(lake);
  }
}

Deno.test({
  name:
    "a disk that is full is said at once and counted, and what was read is stored when there is room",
  ignore,
  fn: () =>
    onMount("size=4m", async ({ lake, program, writer, health, metric }) => {
      await writer.insert(["orders"], 20);
      await waitForFolder(lake, 20);
      const filler = `${lake}/filler`;
      await run("sh", "-c", `dd if=/dev/zero of=${filler} bs=4k status=none || true`);
      await writer.insert(["orders"], 20);
      await program.line(/Destination cannot be written.*the disk is full/);
      const { status, dependencies } = await health();
      assert.deepEqual([status, dependencies["destination"]], ["degraded", "unhealthy"]);
      assert.ok(await metric("tributary_write_errors_total") > 0);
      assert.equal(await metric('tributary_dependency_up{dependency="destination"'), 0);
      await Deno.remove(filler);
      await program.line(/Destination can be written again/);
      const isHealthy = async () => (await health()).status === "healthy" || undefined;
      await waitUntil(systemClock, 240_000, isHealthy);
      await waitForFolder(lake, totalOf(writer.inserted));
      await assertExactlyOnce(lake, writer.inserted);
    }),
});

Deno.test({
  name:
    "a mount that becomes read-only is said at once, and the program goes on when it can be written",
  ignore,
  fn: () =>
    onMount("size=8m", async ({ lake, program, writer, health }) => {
      await writer.insert(["orders"], 20);
      await waitForFolder(lake, 20);
      await run("mount", "-o", "remount,ro", lake);
      await writer.insert(["orders"], 20);
      await program.line(/Destination refuses what it is asked for.*mounted read-only/);
      assert.equal((await health()).status, "degraded");
      await run("mount", "-o", "remount,rw", lake);
      await program.line(/Destination can be written again/);
      await waitForFolder(lake, totalOf(writer.inserted));
      await assertExactlyOnce(lake, writer.inserted);
    }),
});
