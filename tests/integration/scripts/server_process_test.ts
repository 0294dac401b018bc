import assert from "node:assert/strict";
import { join } from "node:path";
import { type ServerSpec, startServer } from "../../../scripts/services/server_process.ts";
import { waitUntil } from "../../../scripts/services/wait_until.ts";
import { systemClock } from "../../../src/support/clock.ts";

const LIMIT_MS = 60_000;

/** A server that counts its starts in a file of its folder and answers the count. */
const COUNTING_SERVER = `
const [port, folder] = Deno.args;
const file = folder + "/starts";
let starts = 0;
try { starts = Number(Deno.readTextFileSync(file)); } catch {}
Deno.writeTextFileSync(file, String(++starts));
Deno.serve({ hostname: "127.0.0.1", port: Number(port) }, () => new Response(String(starts)));
`;

async function countingServer(portFor: (port: number) => number = (port) => port) {
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(script, COUNTING_SERVER);
  const run = ["run", "-A", "--no-config", "--no-remote", "--quiet", script];
  const spec: ServerSpec = {
    name: "counting",
    binary: Deno.execPath(),
    args: (port, folder) => [...run, String(portFor(port)), folder],
    url: (port) => `http://127.0.0.1:${port}/`,
    isReady: async (port) => (await get(`http://127.0.0.1:${port}/`)) !== "",
  };
  return { spec, [Symbol.asyncDispose]: () => Deno.remove(script) };
}

async function get(url: string): Promise<string> {
  return await (await fetch(url)).text();
}

function isRunning(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return !/^State:\s*Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    // No such process.
    return false;
  }
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}

Deno.test("startServer answers when the server serves; disposing ends it and removes its folder", async () => {
  await using counting = await countingServer();
  const server = await startServer(counting.spec);
  assert.equal(await get(server.url), "1");
  assert.ok(await exists(join(server.folder, "server.log")));
  await server[Symbol.asyncDispose]();
  assert.ok(!isRunning(server.pid));
  assert.ok(!await exists(server.folder));
});

Deno.test("startServer: restart after a kill keeps the port and the data", async () => {
  await using counting = await countingServer();
  await using server = await startServer(counting.spec);
  const { pid, url } = server;
  server.kill("SIGKILL");
  await server.exited();
  await server.restart();
  assert.notEqual(server.pid, pid);
  assert.equal(server.url, url);
  assert.equal(await get(url), "2");
});

Deno.test("startServer: restart ends a server that still runs", async () => {
  await using counting = await countingServer();
  await using server = await startServer(counting.spec);
  await server.restart();
  assert.equal(await get(server.url), "2");
});

Deno.test("startServer takes another port when somebody takes the one it chose", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let tries = 0;
  await using counting = await countingServer((port) => ++tries === 1 ? taken.addr.port : port);
  await using server = await startServer(counting.spec);
  assert.equal(tries, 2);
  assert.notEqual(server.port, taken.addr.port);
});

Deno.test("startServer throws what the server says when it does not come up, and leaves nothing", async () => {
  let folder = "";
  const spec: ServerSpec = {
    name: "broken",
    binary: "sh",
    args: (_port, path) => {
      folder = path;
      return ["-c", "echo no such disk >&2; exit 3"];
    },
    url: () => "",
    isReady: () => Promise.resolve(false),
  };
  await assert.rejects(startServer(spec), /Cannot start broken .*no such disk/s);
  assert.ok(!await exists(folder));
});

Deno.test("a server ends and its folder goes when its starter is killed", async () => {
  const services = new URL("../../../scripts/services/server_process.ts", import.meta.url);
  const starter = `
    import { startServer } from "${services}";
    const server = await startServer({
      name: "sleeping",
      binary: "sleep",
      args: () => ["1000"],
      url: () => "",
      isReady: () => Promise.resolve(true),
    });
    console.log(server.pid + " " + server.folder);
    setTimeout(() => {}, 1_000_000);
  `;
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(script, starter);
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", config, "--no-lock", "--quiet", script],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const [pid, folder] = ((await reader.read()).value ?? "").trim().split(" ") as [string, string];
  assert.ok(isRunning(Number(pid)));
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  const gone = await waitUntil(
    systemClock,
    LIMIT_MS,
    async () => !isRunning(Number(pid)) && !await exists(folder) || undefined,
  );
  assert.equal(gone, true);
  await Deno.remove(script);
});
