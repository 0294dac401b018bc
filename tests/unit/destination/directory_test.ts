import assert from "node:assert/strict";
import { type DirectoryDestination, openDirectory } from "../../../src/destination/directory.ts";
import type { DestinationTools } from "../../../src/destination/open_destination.ts";
import { probeDestination, probeWriting } from "../../../src/destination/probe.ts";
import { PermanentError, TransientError } from "../../../src/model/errors.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { SeededRandom } from "../../support/seeded_random.ts";

const BYTES = new TextEncoder().encode("some events");
const TEMP = "_tributary/tmp";

/** Runs `check` on an empty directory. */
async function withDirectory(
  check: (destination: DirectoryDestination, root: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await check(await open(root), root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function open(
  root: string,
  more: Pick<DestinationTools, "signal" | "onFailure"> = {},
): Promise<DirectoryDestination> {
  const tools = { clock: systemClock, random: new SeededRandom(1) };
  return openDirectory(`file://${root}`, { ...tools, ...more });
}

/** Puts another function in the place of one of Deno's while `work` runs. */
async function replacing<K extends "link" | "open" | "mkdir">(
  name: K,
  replacement: (typeof Deno)[K],
  work: () => Promise<void>,
): Promise<void> {
  const original = Deno[name];
  Deno[name] = replacement;
  try {
    await work();
  } finally {
    Deno[name] = original;
  }
}

function failing(code: string): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error(`${code}: no`), { code }));
}

function tempFiles(root: string): string[] {
  return [...Deno.readDirSync(`${root}/${TEMP}`)].map((entry) => entry.name);
}

Deno.test("openDirectory creates nothing until the first object", async () => {
  await withDirectory(async (_, root) => {
    const destination = await open(`${root}/deep/lake`);
    assert.deepEqual(await destination.list("", { limit: 9 }), []);
    assert.equal(await destination.get("a"), undefined);
    assert.deepEqual([...Deno.readDirSync(root)], []);
    assert.equal(await destination.putIfAbsent("a", BYTES), "created");
    assert.deepEqual(Deno.readFileSync(`${root}/deep/lake/a`), BYTES);
  });
});

Deno.test("putIfAbsent flushes the bytes before the name, and the name before it returns", async () => {
  await withDirectory(async (destination, root) => {
    const log: string[] = [];
    const { open: realOpen, link: realLink } = Deno;
    const short = (path: string | URL) =>
      String(path).slice(root.length + 1).replace(/[0-9a-f]+\.tmp/, "T");
    const recordingOpen = async (path: string | URL, options?: Deno.OpenOptions) => {
      const file = await realOpen(path, options);
      const sync = file.sync.bind(file);
      file.sync = () => {
        log.push(`sync ${short(path)}`);
        return sync();
      };
      return file;
    };
    const recordingLink = (from: string | URL, to: string | URL) => {
      log.push(`link ${short(to)}`);
      return realLink(from as string, to as string);
    };
    await replacing("open", recordingOpen, () =>
      replacing("link", recordingLink, async () => {
        await destination.putIfAbsent("warm", BYTES);
        log.length = 0;
        await destination.putIfAbsent("db=a/coll=b/1", BYTES);
        assert.deepEqual(log, [
          "sync ",
          "sync db=a",
          `sync ${TEMP}/T`,
          "link db=a/coll=b/1",
          "sync db=a/coll=b",
        ]);
        log.length = 0;
        assert.equal(await destination.putIfAbsent("db=a/coll=b/1", BYTES), "exists");
        assert.deepEqual(log, ["sync db=a/coll=b"]);
        log.length = 0;
        await destination.head("db=a/coll=b/1");
        assert.deepEqual(log, ["sync db=a/coll=b"]);
      }));
  });
});

Deno.test("putIfAbsent makes folders durable that another process has created", async () => {
  await withDirectory(async (destination, root) => {
    await Deno.mkdir(`${root}/theirs/below`, { recursive: true });
    const synced: string[] = [];
    const { open: realOpen } = Deno;
    const recordingOpen = (path: string | URL, options?: Deno.OpenOptions) => {
      if (options === undefined) synced.push(String(path).slice(root.length));
      return realOpen(path, options);
    };
    await replacing("open", recordingOpen, async () => {
      await destination.putIfAbsent("theirs/below/1", BYTES);
    });
    assert.ok(synced.includes("/") && synced.includes("/theirs"), synced.join());
  });
});

Deno.test("putIfAbsent leaves no temporary file, whether it wins, loses or fails", async () => {
  await withDirectory(async (destination, root) => {
    await Promise.all(Array.from({ length: 8 }, () => destination.putIfAbsent("a", BYTES)));
    await replacing("link", failing("EIO"), async () => {
      await assert.rejects(destination.putIfAbsent("b", BYTES), TransientError);
    });
    assert.equal(await destination.head("b"), undefined);
    assert.deepEqual(tempFiles(root), []);
  });
});

Deno.test("a file that a dead process has half written is under no key", async () => {
  await withDirectory(async (destination, root) => {
    await destination.putIfAbsent("a", BYTES);
    Deno.writeFileSync(`${root}/${TEMP}/0123.tmp`, BYTES.subarray(0, 4));
    assert.deepEqual(await destination.list("", { limit: 9 }), ["a"]);
    await assert.rejects(destination.putIfAbsent(`${TEMP}/0123.tmp`, BYTES), PermanentError);
  });
});

Deno.test("openDirectory deletes temporary files that are a day old, and no others", async () => {
  await withDirectory(async (destination, root) => {
    await destination.putIfAbsent("a", BYTES);
    for (const name of ["old.tmp", "new.tmp", "old.txt"]) {
      Deno.writeTextFileSync(`${root}/${TEMP}/${name}`, "");
    }
    const longAgo = new Date(systemClock.wallMs() - 25 * 3_600_000);
    for (const name of ["old.tmp", "old.txt"]) {
      Deno.utimeSync(`${root}/${TEMP}/${name}`, longAgo, longAgo);
    }
    await open(root);
    assert.deepEqual(tempFiles(root).sort(), ["new.tmp", "old.txt"]);
  });
});

Deno.test("a name of a temporary file that is taken is not used", async () => {
  await withDirectory(async (destination, root) => {
    // Both have the same seed, so both would take the same names.
    const other = await open(root);
    const taken = `${new SeededRandom(1).hex(24)}.tmp`;
    await Deno.mkdir(`${root}/${TEMP}`, { recursive: true });
    Deno.writeTextFileSync(`${root}/${TEMP}/${taken}`, "another process");
    assert.equal(await destination.putIfAbsent("a", BYTES), "created");
    assert.equal(await other.putIfAbsent("b", BYTES), "created");
    assert.deepEqual(tempFiles(root), [taken]);
    assert.equal(Deno.readTextFileSync(`${root}/${TEMP}/${taken}`), "another process");
  });
});

Deno.test("the probe refuses a file system without hard links", async () => {
  await withDirectory(async (destination) => {
    await probeDestination(destination, new SeededRandom(2));
    await replacing("link", failing("EPERM"), async () => {
      await assert.rejects(probeDestination(destination, new SeededRandom(3)), (error) => {
        assert.ok(error instanceof PermanentError);
        assert.match(error.message, /the file system has no hard links/);
        return true;
      });
    });
  });
});

Deno.test("putIfAbsent refuses a key whose path is taken by a folder or leads through a file", async () => {
  await withDirectory(async (destination) => {
    await destination.putIfAbsent("a/b", BYTES);
    await assert.rejects(destination.putIfAbsent("a", BYTES), /a folder has that name/);
    await assert.rejects(destination.putIfAbsent("a/b/c", BYTES), PermanentError);
    await assert.rejects(destination.putIfAbsent("n".repeat(300), BYTES), /so long a name/);
  });
});

Deno.test("putIfAbsent recovers when somebody has deleted the folders", async () => {
  await withDirectory(async (destination, root) => {
    await destination.putIfAbsent("a/b/1", BYTES);
    await Deno.remove(`${root}/a`, { recursive: true });
    await Deno.remove(`${root}/_tributary`, { recursive: true });
    await assert.rejects(destination.putIfAbsent("a/b/2", BYTES), TransientError);
    assert.equal(await destination.putIfAbsent("a/b/2", BYTES), "created");
  });
});

Deno.test("a destination that is closed or told to stop does nothing more", async () => {
  await withDirectory(async (destination, root) => {
    const controller = new AbortController();
    const stopped = await open(root, { signal: controller.signal });
    controller.abort();
    await destination.close();
    for (const each of [destination, stopped]) {
      await assert.rejects(each.putIfAbsent("a", BYTES), TransientError);
    }
    assert.deepEqual([...Deno.readDirSync(root)], []);
  });
});

Deno.test("a directory needs no permission but to read and write itself", async () => {
  await withDirectory(async (_, root) => {
    const module = new URL("directory_child.ts", import.meta.url).pathname;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", `--allow-read=${root}`, `--allow-write=${root}`, module, root],
      stdout: "piped",
      stderr: "piped",
    });
    const { stdout, stderr } = await child.output();
    const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.match(text, /^created exists 1\n/, text);
  });
});

Deno.test("a directory tells of what failed, and that it can be read does not make it writable", async () => {
  const root = await Deno.makeTempDir();
  const failures: [string, boolean][] = [];
  try {
    const destination = await open(root, {
      onFailure: ({ message }, again) => failures.push([message, again]),
    });
    await destination.putIfAbsent("a", BYTES);
    await replacing("open", failing("ENOSPC"), async () => {
      await assert.rejects(destination.putIfAbsent("b", BYTES), TransientError);
      await assert.rejects(probeWriting(destination, new SeededRandom(2)), /the disk is full/);
    });
    assert.deepEqual(failures[0], [
      'Cannot write object "b": the disk is full: make room on it',
      false,
    ]);
    assert.equal(failures.length, 2);
    await probeWriting(destination, new SeededRandom(2));
    assert.deepEqual(tempFiles(root), []);
    assert.equal(failures.length, 2);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
