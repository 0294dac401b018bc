/** Dead letters that become rows after all: each once, whatever crashes and whoever does the same. */
import assert from "node:assert/strict";
import { withoutFields } from "../../src/bson/redact/redact_event.ts";
import { createInlineEncoder } from "../../src/encode/inline_encoder.ts";
import { findLetters } from "../../src/journal/letters/find_letters.ts";
import { createObjectJournal } from "../../src/journal/object_journal.ts";
import { createObjectRedrives } from "../../src/journal/letters/object_redrives.ts";
import { readLetters } from "../../src/journal/letters/read_letters.ts";
import { verifyLake } from "../../src/journal/verify/verify_lake.ts";
import { objectInspector } from "../../src/encode/inspect_object.ts";
import { ENCODER_VERSION } from "../../src/model/columns.ts";
import { PermanentError } from "../../src/model/errors.ts";
import type { Encoder, LakeStore } from "../../src/pipeline/ports.ts";
import { redriveLetters, type RedriveReport } from "../../src/operate/redrive.ts";
import { createObjectSink } from "../../src/sink/object_sink.ts";
import { choosyEncoder } from "../support/choosy_encoder.ts";
import { LakeWorld } from "../support/lake_world.ts";
import { lakeWithLetters } from "../support/letter_lake.ts";

interface Row {
  readonly full_document: { readonly number: number };
}

interface Choice {
  readonly encoder?: Encoder;
  readonly destination?: LakeStore;
  readonly redact?: readonly string[];
}

async function redrive(world: LakeWorld, choice: Choice = {}): Promise<RedriveReport[]> {
  const { destination = world.destination, redact = [] } = choice;
  const lake = choice.destination ?? world.lake;
  const reports: RedriveReport[] = [];
  for await (const file of findLetters({ lake, destination }, {})) {
    reports.push(
      await redriveLetters(
        {
          sink: createObjectSink(destination),
          journal: createObjectJournal(lake),
          redrives: createObjectRedrives(lake),
          encoder: choice.encoder ?? createInlineEncoder(world.clock),
          encoderVersion: ENCODER_VERSION,
          redact,
          removeFields: (event, paths) => withoutFields(event, paths),
          by: "operator",
          now: () => "2026-11-20T18:00:00.000Z",
        },
        file,
        await readLetters(destination, file),
      ),
    );
  }
  return reports;
}

/** The numbers of all rows, as an analyst finds them. */
async function rowsOf({ destination }: LakeWorld): Promise<number[]> {
  const keys = await destination.list("", { limit: 10_000 });
  const numbers: number[] = [];
  for (const key of keys.filter((each) => !each.startsWith("_") && each.endsWith(".jsonl"))) {
    const text = new TextDecoder().decode(await destination.get(key));
    const lines = text.split("\n").filter((line) => line !== "");
    numbers.push(...lines.map((line) => (JSON.parse(line) as Row).full_document.number));
  }
  return numbers.sort((a, b) => a - b);
}

async function verify(world: LakeWorld) {
  const { lake, destination } = world;
  const options = {
    ...{ lake, destination, clock: world.clock, depth: "everything" as const },
    journal: createObjectJournal(lake),
    inspect: objectInspector(destination),
  };
  const { streams, orphans, lost } = await verifyLake(options, {}, {});
  const holes = streams.flatMap((stream) => stream.holes);
  return { holes, orphans, lost, redriven: streams[0]?.redriven };
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

Deno.test("a redrive makes rows of dead letters beside the others of their record, once", async () => {
  const world = await lakeWithLetters(8);
  assert.deepEqual(await rowsOf(world), [2, 4, 6, 8]);
  const reports = await redrive(world);
  assert.deepEqual(await rowsOf(world), numbers(8));
  assert.deepEqual(reports.map(({ made, left, earlier }) => [made.length, left, earlier]), [
    [1, [], 0],
    [1, [], 0],
  ]);
  const [object] = reports[0]!.made;
  assert.match(
    object!.key,
    /^db=shop\/coll=orders\/2026-11-20\/17\/collection\.shop\.orders-[0-9a-f]{8}-1-0\.redriven\.jsonl$/,
  );
  assert.equal(object!.events.length, 2);
  assert.deepEqual(await verify(world), { holes: [], orphans: [], lost: [], redriven: 4 });
  const again = await redrive(world);
  assert.deepEqual(again.map(({ made, left, earlier }) => [made, left, earlier]), [
    [[], [], 2],
    [[], [], 2],
  ]);
  assert.deepEqual(await rowsOf(world), numbers(8));
});

Deno.test("what one version can make rows of, and a later one of the rest, are two redrives", async () => {
  const world = await lakeWithLetters(4);
  const half = choosyEncoder(world.clock, (number) => number === 3);
  const [first] = await redrive(world, { encoder: half });
  assert.deepEqual(first!.left.map(({ reason }) => reason), ["Cannot write number: it is odd"]);
  assert.deepEqual(await rowsOf(world), [1, 2, 4]);
  const [second] = await redrive(world);
  assert.equal(second!.earlier, 1);
  assert.match(second!.made[0]!.key, /-1-1\.redriven\.jsonl$/);
  assert.deepEqual(await rowsOf(world), numbers(4));
  assert.deepEqual((await verify(world)).redriven, 2);
});

Deno.test("a crash at any request leaves what a repeat completes, also with a version that can do more", async () => {
  await crashEverywhere(() => undefined);
  await crashEverywhere((world) => choosyEncoder(world.clock, (number) => number % 4 === 1));
});

/** Dies with one encoder, and goes on with one that can make rows of all. */
async function crashEverywhere(
  encoderOf: (world: LakeWorld) => Encoder | undefined,
): Promise<void> {
  for (let calls = 0; calls < 40; calls++) {
    const world = await lakeWithLetters(8);
    let left = calls;
    const dying = new Proxy(world.destination, {
      get(target, name: keyof LakeStore) {
        const method = target[name];
        if (typeof method !== "function") return method;
        return (...args: never[]) => {
          if (left-- <= 0) throw new Error("killed");
          return (method as (...args: never[]) => unknown).apply(target, args);
        };
      },
    });
    const encoder = encoderOf(world);
    const choice = { destination: dying, ...(encoder === undefined ? {} : { encoder }) };
    const isKilled = await redrive(world, choice).then(() => false, () => true);
    if (!isKilled) return assert(calls > 10);
    // Rows are missing now, never twice, and verify says which.
    const some = await rowsOf(world);
    assert.equal(new Set(some).size, some.length);
    for (const { what } of (await verify(world)).holes) {
      assert.match(what, /was not finished; give/);
    }
    await redrive(world);
    assert.deepEqual(await rowsOf(world), numbers(8), `after ${calls} requests`);
    assert.deepEqual((await verify(world)).holes, []);
  }
  assert.fail("the redrive never came to its end");
}

Deno.test("two redrives at once, of versions that can do different things, make each row once", async () => {
  const world = await lakeWithLetters(12);
  const other = choosyEncoder(world.clock, (number) => number % 4 === 1);
  await Promise.all([redrive(world), redrive(world, { encoder: other }), redrive(world)]);
  assert.deepEqual(await rowsOf(world), numbers(12));
  assert.deepEqual((await verify(world)).holes, []);
});

Deno.test("a version that cannot finish what another has begun says so", async () => {
  const world = await lakeWithLetters(4);
  const stubborn = choosyEncoder(world.clock, (number) => number === 3);
  const putting = new Proxy(world.destination, {
    get(target, name: keyof LakeStore) {
      if (name !== "putIfAbsent") return target[name].bind(target);
      return (key: string, ...rest: [Uint8Array]) => {
        if (key.includes(".redriven.")) throw new Error("killed");
        return target.putIfAbsent(key, ...rest);
      };
    },
  });
  await assert.rejects(redrive(world, { destination: putting }), /killed/);
  await assert.rejects(redrive(world, { encoder: stubborn }), (error) => {
    assert(error instanceof PermanentError);
    assert.match(error.message, /should have 2 rows, and this tributary makes 1/);
    return true;
  });
  await redrive(world);
  assert.deepEqual(await rowsOf(world), numbers(4));
});

Deno.test("verify finds every copy of what a redrive has made, and a note that is gone", async () => {
  const world = await lakeWithLetters(8);
  const [{ made: [object] }] = await redrive(world) as [RedriveReport];
  const bytes = (await world.destination.get(object!.key))!;
  const copies = [
    `copied/${object!.key.slice(object!.key.lastIndexOf("/") + 1)}`,
    object!.key.replace(/-([0-9a-f]{8})-1-0\./, "-$1-2-0."),
    object!.key.replace(/-[0-9a-f]{8}-1-0\./, "-00000000-1-0."),
  ];
  for (const key of copies) await world.destination.putIfAbsent(key, bytes);
  const { holes, orphans } = await verify(world);
  assert.deepEqual(holes, []);
  assert.deepEqual(orphans.map(({ key }) => key).sort(), copies.sort());
  assert(orphans.every(({ kind }) => kind === "superfluous"));
  assert.match(orphans[0]!.what, /^no note of a redrive names it: its rows are there twice/);
});

Deno.test("verify finds the notes of redrives where the journal is, also apart from the rows", async () => {
  const world = new LakeWorld();
  world.partJournal();
  await redrive(await lakeWithLetters(8, undefined, world));
  assert.deepEqual(await rowsOf(world), numbers(8));
  assert.deepEqual(await verify(world), { holes: [], orphans: [], lost: [], redriven: 4 });
});

Deno.test("verify takes rows of a redrive whose note is gone for the only ones", async () => {
  const world = await lakeWithLetters(4);
  const [{ made: [object] }] = await redrive(world) as [RedriveReport];
  const copy = await lakeWithLetters(4);
  await copy.destination.putIfAbsent(object!.key, (await world.destination.get(object!.key))!);
  const { orphans } = await verify(copy);
  assert.deepEqual(orphans.map(({ kind, what }) => [kind, what]), [
    ["foreign", "no note of a redrive names it: the note of its redrive is missing"],
  ]);
  // Done again, it names what is there.
  await redrive(copy);
  assert.deepEqual(await verify(copy), { holes: [], orphans: [], lost: [], redriven: 2 });
});

Deno.test("an event that the server could not produce stays a dead letter", async () => {
  const world = await lakeWithLetters(4, "Cannot read the change stream: no image");
  const [report] = await redrive(world);
  assert.deepEqual(report!.made, []);
  assert.match(report!.left[0]!.reason, /not the event as it should be.*no image/);
  assert.deepEqual(await rowsOf(world), [2, 4]);
  const keys = await world.destination.list("_tributary/redriven/", { limit: 1 });
  assert.deepEqual(keys, []);
});

Deno.test("what REDACT names now is not in the rows of a redrive, though the dead letter has it", async () => {
  const world = await lakeWithLetters(4);
  const [report] = await redrive(world, { redact: ["number"] });
  const text = new TextDecoder().decode(await world.destination.get(report!.made[0]!.key));
  assert.doesNotMatch(text, /number/);
});
