import assert from "node:assert/strict";
import { startServices } from "../../../scripts/services.ts";
import { waitUntil } from "../../../scripts/services/wait_until.ts";
import { systemClock } from "../../../src/support/clock.ts";

const PROGRAM = new URL("../../../scripts/services.ts", import.meta.url).pathname;
const LIMIT_MS = 60_000;
/** Servers that need not exist: what is named is not touched. */
const NAMED = {
  TEST_MONGODB_URI: "mongodb://127.0.0.1:1/?replicaSet=named",
  TEST_REDIS_URL: "redis://127.0.0.1:1",
  TEST_S3_ENDPOINT: "http://127.0.0.1:1",
  TEST_S3_ACCESS_KEY: "named",
  TEST_S3_SECRET_KEY: "named-secret",
  TEST_S3_REGION: "eu-central-1",
};

function startProgram(env: Readonly<Record<string, string>>): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", PROGRAM],
    env: { ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Reads until the text has the last line expected. */
async function readUntil(child: Deno.ChildProcess, last: string): Promise<string> {
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The program ended after "${text}"`);
    text += value;
    if (text.includes(last)) break;
  }
  await reader.cancel();
  return text;
}

Deno.test("services prints the addresses of named servers as they are, and ends with its input", async () => {
  const child = startProgram(NAMED);
  const text = await readUntil(child, "TEST_S3_REGION=eu-central-1\n");
  const expected = Object.entries(NAMED).map(([name, value]) => `${name}=${value}`);
  assert.deepEqual(text.trim().split("\n").sort(), expected.sort());
  await child.stdin.close();
  assert.equal((await child.status).code, 0);
  await child.stderr.cancel();
});

Deno.test("services ends on a signal", async () => {
  const child = startProgram(NAMED);
  await readUntil(child, "TEST_S3_REGION");
  child.kill("SIGTERM");
  assert.equal((await child.status).code, 0);
  await child.stdin.close().catch(() => {});
  await child.stderr.cancel();
});

Deno.test("services ends when the program that launched it is killed, also if its input stays open", async () => {
  // The launcher's name makes it one, as `deno task` and `npx` are.
  const launcher = new Deno.Command("bash", {
    args: ["-c", `"$0" run -A --quiet "$1" < <(sleep 1000 & echo $! >&2; wait) & echo pid=$!; wait`]
      .concat(Deno.execPath(), PROGRAM, "deno"),
    env: NAMED,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const text = await readUntil(launcher, "TEST_S3_REGION");
  const pid = Number(/^pid=(\d+)$/m.exec(text)![1]);
  const sleepPid = Number(await readFirstLine(launcher.stderr));
  launcher.kill("SIGKILL");
  await launcher.status;
  const ended = await waitUntil(systemClock, LIMIT_MS, () => !isRunning(pid) || undefined);
  Deno.kill(sleepPid, "SIGKILL");
  assert.equal(ended, true);
});

Deno.test("services says in one sentence what is missing", async () => {
  const child = startProgram({ ...NAMED, TEST_REDIS_URL: "", REDIS_SERVER_BIN: "/nowhere/redis" });
  const { code, stderr } = await child.output();
  assert.equal(code, 1);
  assert.match(
    new TextDecoder().decode(stderr),
    /^Cannot run REDIS_SERVER_BIN "\/nowhere\/redis"/m,
  );
});

Deno.test("startServices starts nothing that it was not asked for", async () => {
  await using services = await startServices({});
  assert.equal(services.mongod ?? services.redis ?? services.s3, undefined);
});

async function readFirstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return (value ?? "").split("\n")[0]!;
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    // No such process.
    return false;
  }
}
