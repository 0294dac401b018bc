import assert from "node:assert/strict";
import { MemoryDestination } from "../../../src/destination/memory_destination.ts";
import type { OpenDestination } from "../../../src/destination/open_destination.ts";
import {
  checkDestination,
  PROBE_KEY,
  probeDestination,
  probeWriting,
} from "../../../src/destination/probe.ts";
import { PermanentError } from "../../../src/model/errors.ts";
import { SeededRandom } from "../../support/seeded_random.ts";

/** A destination with some methods replaced. */
function broken(replace: (memory: MemoryDestination) => Partial<OpenDestination>): OpenDestination {
  const memory = new MemoryDestination();
  const methods = ["putIfAbsent", "head", "get", "list", "listFolders", "checkMedium", "close"]
    .concat(["checkLargeObjects", "keyFault"]);
  const bound = methods.map((name) => [
    name,
    (memory as unknown as Record<string, () => void>)[name]!.bind(memory),
  ]);
  return {
    url: memory.url,
    remarks: [],
    ...Object.fromEntries(bound),
    ...replace(memory),
  } as OpenDestination;
}

/** Objects that every put replaces, and what the put answers. */
function replacing(answer: "created" | "exists"): OpenDestination {
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  return broken(() => ({
    putIfAbsent: (_, given) => {
      bytes = new Uint8Array(given);
      return Promise.resolve(answer);
    },
    get: () => Promise.resolve(bytes),
  }));
}

Deno.test("probeDestination refuses a destination that replaces objects, whatever it answers", async () => {
  for (const answer of ["created", "exists"] as const) {
    await assert.rejects(probeDestination(replacing(answer), new SeededRandom(1)), (error) => {
      assert.ok(error instanceof PermanentError);
      assert.match(
        error.message,
        /it replaces objects that are there \(it ignores If-None-Match\)/,
      );
      return true;
    });
  }
});

Deno.test("probeDestination refuses a destination that says created twice, whatever can be read", async () => {
  const destination = broken((memory) => ({
    putIfAbsent: (key, bytes) => memory.putIfAbsent(key, bytes).then(() => "created" as const),
  }));
  const probe = probeDestination(destination, new SeededRandom(1));
  await assert.rejects(probe, /it replaces objects/);
});

Deno.test("probeDestination leaves one object, the same for ever", async () => {
  const memory = new MemoryDestination();
  await probeDestination(memory, new SeededRandom(1));
  const first = await memory.get(PROBE_KEY);
  await probeDestination(memory, new SeededRandom(2));
  assert.deepEqual(await memory.get(PROBE_KEY), first);
  assert.deepEqual(await memory.list("", { limit: 9 }), [PROBE_KEY]);
});

Deno.test("probeDestination passes for many at a time", async () => {
  const memory = new MemoryDestination();
  const probes = Array.from({ length: 9 }, (_, i) => probeDestination(memory, new SeededRandom(i)));
  await Promise.all(probes);
});

Deno.test("probeDestination passes where the first put's answer was lost", async () => {
  const destination = broken((memory) => ({
    putIfAbsent: (key, bytes) => memory.putIfAbsent(key, bytes).then(() => "exists" as const),
  }));
  await probeDestination(destination, new SeededRandom(1));
});

Deno.test("probeDestination refuses a destination that cannot be read as it was written", async () => {
  const none = () => Promise.resolve(undefined);
  const cases: [(memory: MemoryDestination) => Partial<OpenDestination>, RegExp][] = [
    [() => ({ get: none }), /cannot be read/],
    [() => ({ head: none }), /wrong size/],
    [(memory) => ({ get: (key) => memory.get(key) }), /a part of an object/],
    [() => ({ list: () => Promise.resolve([]) }), /does not list/],
    [() => ({ listFolders: () => Promise.resolve([]) }), /does not list/],
  ];
  for (const [replace, message] of cases) {
    const probe = probeDestination(broken(replace), new SeededRandom(1));
    await assert.rejects(probe, (error) => {
      return error instanceof PermanentError && message.test(error.message);
    });
  }
});

Deno.test("checkDestination finds that a good destination can be used", async () => {
  const destination = new MemoryDestination();
  const [finding] = await checkDestination(destination, new SeededRandom(1));
  assert.deepEqual([finding!.subject, finding!.state], ["Destination", "ok"]);
  assert.match(finding!.text, /^memory:.* can be written, read and listed/);
});

Deno.test("checkDestination asks for room for more than a probe, which a disk that is full has", async () => {
  const full = broken(() => ({
    checkMedium: (bytes = 1) =>
      bytes < 1024 * 1024 ? Promise.resolve() : Promise.reject(new Error("the disk is full")),
  }));
  await assert.rejects(checkDestination(full, new SeededRandom(1)), /the disk is full/);
  await probeDestination(full, new SeededRandom(1));
});

Deno.test("checkDestination passes on what the destination remarks", async () => {
  const remark = { subject: "Checksums", state: "warning", text: "none" } as const;
  const findings = await checkDestination(
    broken(() => ({ remarks: [remark] })),
    new SeededRandom(1),
  );
  assert.deepEqual(findings.slice(1), [remark]);
});

Deno.test("probeDestination tries large objects once there is an object to try them on", async () => {
  let tried: boolean | undefined;
  const destination = broken((memory) => ({
    checkLargeObjects: async () => {
      tried = await memory.head(PROBE_KEY) !== undefined;
    },
  }));
  await probeDestination(destination, new SeededRandom(1));
  assert.equal(tried, true);
});

Deno.test("probeWriting writes, and leaves what a probe leaves", async () => {
  const memory = new MemoryDestination();
  await probeWriting(memory, new SeededRandom(1));
  assert.deepEqual(await memory.list("", { limit: 10 }), [PROBE_KEY]);
  const full = broken(() => ({ checkMedium: () => Promise.reject(new Error("full")) }));
  await assert.rejects(probeWriting(full, new SeededRandom(1)), /full/);
  const denied = broken(() => ({ putIfAbsent: () => Promise.reject(new Error("denied")) }));
  await assert.rejects(probeWriting(denied, new SeededRandom(1)), /denied/);
});
