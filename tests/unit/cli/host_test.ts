import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { processHost } from "../../../src/cli/host.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

Deno.test("processHost shows the process as it is", () => {
  const host = processHost();
  assert.equal(host.runtime.deno, Deno.version.deno);
  assert.equal(host.env("PATH"), Deno.env.get("PATH"));
  assert(host.machine.cores >= 1 && host.machine.hostName !== "");
  assert(host.stdout.columns > 0);
});

Deno.test("processHost writes new files only", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const host = processHost();
    const path = `${folder}/a`;
    host.writeNewTextFile(path, "one");
    assert.throws(() => host.writeNewTextFile(path, "two"));
    assert.equal(host.readTextFile(path), "one");
    assert.throws(() => host.readTextFile(`${folder}/b`));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("onStopSignal calls the handler until it is taken away", async () => {
  const host = processHost();
  const names: string[] = [];
  const first = Promise.withResolvers<void>();
  const release = host.onStopSignal((name) => {
    names.push(name);
    first.resolve();
  });
  // A listener alone does not keep the process from ending.
  const alive = setInterval(() => {}, 1000);
  Deno.kill(Deno.pid, "SIGTERM");
  await first.promise;
  clearInterval(alive);
  release();
  assert.deepEqual(names, ["SIGTERM"]);
});

Deno.test("onHangup calls the handler until it is taken away", async () => {
  const meant = Promise.withResolvers<string>();
  const release = processHost().onHangup((meaning) => meant.resolve(meaning));
  const alive = setInterval(() => {}, 1000);
  Deno.kill(Deno.pid, "SIGHUP");
  assert.equal(await meant.promise, "read-again");
  clearInterval(alive);
  release();
});

Deno.test("Output.write is quiet where nobody reads any more", async () => {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", `${ROOT}main.ts`, "config", "schema"],
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn();
  await child.stdout.cancel();
  const stderr = await new Response(child.stderr).text();
  assert.deepEqual([(await child.status).code, stderr], [0, ""]);
});

Deno.test("stdinEnded reads standard input to its end", async () => {
  const code = `import { processHost } from "./src/cli/host.ts";
await processHost().stdinEnded();
console.log("ended");`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", code],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("some\nlines\n"));
  await writer.close();
  const { success, stdout } = await child.output();
  assert.deepEqual([success, new TextDecoder().decode(stdout)], [true, "ended\n"]);
});
