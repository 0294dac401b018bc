import assert from "node:assert/strict";
import { TransientError } from "../../../src/model/errors.ts";
import { createFolderLock } from "../../../src/state/folder_lock.ts";
import { systemClock } from "../../../src/support/clock.ts";

const LONG_MS = 60_000;

Deno.test("createFolderLock lets one action run at a time", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/.lock`;
  let running = 0;
  const action = async () => {
    assert.equal(++running, 1);
    await Deno.stat(folder.path);
    running--;
  };
  const locks = Array.from({ length: 8 }, () => createFolderLock(file, systemClock, LONG_MS));
  for (let round = 0; round < 5; round++) {
    await Promise.all(locks.map((lock) => lock.hold(action)));
  }
});

Deno.test("createFolderLock gives the lock back when the action fails", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/.lock`;
  const failed = new Error("failed");
  const lock = createFolderLock(file, systemClock, LONG_MS);
  await assert.rejects(lock.hold(() => Promise.reject(failed)), failed);
  const other = createFolderLock(file, systemClock, LONG_MS);
  assert.equal(await other.hold(() => Promise.resolve("ran")), "ran");
});

Deno.test("createFolderLock gets over a holder that was killed", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/.lock`;
  const holder = await holdInAnotherProcess(folder.path, file);
  const lock = createFolderLock(file, systemClock, 100);
  const unexpected = () => Promise.reject(new Error("ran without the lock"));
  await assert.rejects(lock.hold(unexpected), TransientError);
  await assert.rejects(lock.hold(unexpected), TransientError);
  await holder.kill();
  let ran = false;
  const action = () => Promise.resolve(ran = true);
  while (!ran) await lock.hold(action).catch((error) => assert(error instanceof TransientError));
});

Deno.test("createFolderLock does not keep a lock that came after the wait was over", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/.lock`;
  const holder = await Deno.open(file, { create: true, write: true });
  await holder.lock(true);
  const impatient = createFolderLock(file, systemClock, 20);
  await assert.rejects(impatient.hold(() => Promise.resolve()), TransientError);
  holder.close();
  // Once the late lock has come and gone, others get theirs.
  const patient = createFolderLock(file, systemClock, LONG_MS);
  for (let turn = 0; turn < 3; turn++) await patient.hold(() => Promise.resolve());
  let ran = false;
  const action = () => Promise.resolve(ran = true);
  while (!ran) await impatient.hold(action).catch(() => undefined);
});

Deno.test("createFolderLock passes on that its file cannot be opened, each time anew", async () => {
  await using folder = await tempFolder();
  const lock = createFolderLock(`${folder.path}/none/.lock`, systemClock, LONG_MS);
  await assert.rejects(lock.hold(() => Promise.resolve()), Deno.errors.NotFound);
  await Deno.mkdir(`${folder.path}/none`);
  assert.equal(await lock.hold(() => Promise.resolve("ran")), "ran");
});

/** A process that takes the lock and keeps it until it is killed. */
async function holdInAnotherProcess(
  folder: string,
  file: string,
): Promise<{ kill(): Promise<void> }> {
  const script = `${folder}/hold.ts`;
  await Deno.writeTextFile(
    script,
    `const lock = await Deno.open(Deno.args[0], { create: true, write: true });
    await lock.lock(true);
    console.log("locked");
    await Deno.stdin.read(new Uint8Array(1));`,
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-config", "--allow-read", "--allow-write", script, file],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  return {
    async kill() {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
      await child.stdin.abort();
    },
  };
}

async function tempFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
