/** The journal in a place of its own: what is written where, who reads it, and what is refused. */
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { BEFORE_JOURNAL, extractOlderVersion } from "../support/older_version.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { waitForFolder } from "./judge.ts";
import { streamingSettings } from "./settings.ts";

Deno.test("a pipeline with JOURNAL goes on after a kill, and all verbs find records there and objects in the destination", async () => {
  await using scene = await openScene();
  const { env, writer, journal, destination } = scene;
  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    await using program = startProgram(["run"], { env });
    await program.line(/Change stream opened/);
    await writer.insert(["orders"], 200);
    program.kill(signal);
    await program.ended;
  }
  await using last = startProgram(["run"], { env });
  await last.line(/Change stream opened/);
  await waitForFolder(destination, 400);
  last.kill("SIGTERM");
  assert.equal((await last.ended).code, 0);
  const whole = await runProgram(["verify"], { env });
  assert.match(whole.stdout, /^The lake is whole: 1 stream, \d+ objects?, 400 rows\.$/m);
  const own = await namesIn(`${destination}/_tributary`);
  assert.deepEqual(own.filter((name) => name !== "tmp"), ["journal.json", "probe", "state"]);
  assert((await namesIn(`${journal}/_tributary`)).includes("streams"));
  assert((await namesIn(destination)).some((name) => name.startsWith("db=")));
  const shown = await runProgram(["position", "show"], { env });
  assert.match(shown.stdout, /orders/);
  const checked = await runProgram(["check"], { env });
  assert.match(checked.stdout, /Journal .*can be written/);
});

Deno.test("a lake keeps the place of its journal: another one is refused in one sentence, and nothing is written", async () => {
  await using scene = await openScene();
  const { env, writer, journal, destination } = scene;
  const { JOURNAL, ...within } = env;
  const verbs = [["run"], ["verify"], ["position", "show"], ["dead-letters", "list"], ["check"]];
  await runUntilStored(within, writer);
  for (const verb of verbs) {
    const { code, stdout, stderr } = await runProgram(verb, { env });
    assert.notEqual(code, 0, verb.join(" "));
    assert.match(
      stdout + stderr,
      /the journal of this lake lies in .*\/lake, and a lake keeps the place/,
    );
  }
  assert.deepEqual((await namesIn(`${journal}/_tributary`)).filter((n) => n === "streams"), []);
  await runUntilStored(within, writer);

  const apart = { ...env, DESTINATION: `${env["DESTINATION"]}-2`, JOURNAL: `${JOURNAL}-2` };
  await runUntilStored(apart, writer);
  const { JOURNAL: _, ...without } = apart;
  for (const verb of verbs) {
    const { code, stdout, stderr } = await runProgram(verb, { env: without });
    assert.notEqual(code, 0, verb.join(" "));
    assert.match(
      stdout + stderr,
      /the journal of this lake lies in .*-2; set JOURNAL to that place/,
    );
  }
  assert(!(await namesIn(`${destination}-2/_tributary`)).includes("streams"));
});

Deno.test("a lake goes from the version before JOURNAL to this one and back, and that version begins no second journal", async () => {
  await using scene = await openScene();
  const { env, writer, folder, destination } = scene;
  const older = await extractOlderVersion(folder, BEFORE_JOURNAL);
  const { JOURNAL: _, ...within } = env;
  await runUntilStored(within, writer, older);
  await runUntilStored(within, writer);
  await runUntilStored(within, writer, older);
  for (const executable of [{}, { executable: older }]) {
    const { code, stdout } = await runProgram(["verify"], { env: within, ...executable });
    assert.deepEqual([code, /^The lake is whole: /m.test(stdout)], [0, true], stdout);
  }
  assert(!(await namesIn(`${destination}/_tributary`)).includes("journal.json"));

  const apart = { ...env, DESTINATION: `${env["DESTINATION"]}-2` };
  await runUntilStored(apart, writer);
  await using program = startProgram(["run"], { env: apart, executable: older });
  await program.line(
    /Cannot begin the journal of .*: (objects of it are there|the state store knows)/,
  );
});

async function runUntilStored(
  env: Record<string, string>,
  writer: ReturnType<typeof createMongoWriter>,
  executable?: string,
): Promise<void> {
  const other = executable === undefined ? {} : { executable };
  await using program = startProgram(["run"], { env, ...other });
  await program.line(/Change stream opened/);
  await writer.insert(["orders"], 20);
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0);
}

async function openScene() {
  const folder = await Deno.makeTempDir({ prefix: "tributary-journal-" });
  const [destination, journal] = [`${folder}/lake`, `${folder}/records`];
  const writer = createMongoWriter(uniqueName("journal"));
  const env: Record<string, string> = {
    ...streamingSettings(writer.database),
    MONGODB_COLLECTIONS: "orders",
    DESTINATION: pathToFileURL(destination).href,
    JOURNAL: pathToFileURL(journal).href,
  };
  return {
    ...{ env, writer, folder, destination, journal },
    async [Symbol.asyncDispose](): Promise<void> {
      await writer[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** What lies in a folder, in order; nothing where it is not there. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
