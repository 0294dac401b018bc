import assert from "node:assert/strict";
import { createInlineEncoder } from "../../../src/encode/inline_encoder.ts";
import { positionAt } from "../../../src/model/position.ts";
import type { Stream } from "../../../src/model/stream.ts";
import { type TapParts, tapStream } from "../../../src/operate/tap_stream.ts";
import { createMemorySource } from "../../../src/source/memory/memory_source.ts";
import { LakeWorld, OPLOG_SECONDS_FIRST, ORDERS, SETTINGS } from "../../support/lake_world.ts";

interface Seen {
  readonly rows: Record<string, unknown>[];
  readonly dead: string[];
}

/** Reads from the first entry until so many events have come. */
async function tap(
  world: LakeWorld,
  wanted: number,
  stream: Stream = ORDERS,
  changed: Partial<TapParts> = {},
): Promise<Seen> {
  const seen: Seen = { rows: [], dead: [] };
  let left = wanted;
  const from = positionAt({ t: OPLOG_SECONDS_FIRST, i: 1 });
  await tapStream(
    {
      source: createMemorySource({ oplog: world.oplog, clock: world.clock }),
      encoder: createInlineEncoder(world.clock),
      settings: SETTINGS,
      signal: new AbortController().signal,
      opened: () => {},
      left: () => left,
      take: (count) => {
        const taken = Math.min(count, left);
        left -= taken;
        return taken;
      },
      rows: (bytes) => {
        const lines = new TextDecoder().decode(bytes).trimEnd().split("\n");
        seen.rows.push(...lines.filter((line) => line !== "").map((line) => JSON.parse(line)));
      },
      deadLetter: ({ reason }) => void seen.dead.push(reason),
      ...changed,
    },
    stream,
    from,
  );
  return seen;
}

Deno.test("tapStream gives rows as a run would make them, as many as are wanted", async () => {
  const world = new LakeWorld();
  world.insert(3);
  world.insert(2, "items");
  world.insert(250);
  const { rows } = await tap(world, 240, ORDERS, { settings: { ...SETTINGS, redact: ["number"] } });
  assert.equal(rows.length, 240);
  assert(rows.every((row) => row["collection"] === "orders"));
  assert.deepEqual(rows[0]!["full_document"], {});
  const tokens = rows.map((row) => String(row["resume_token"]));
  assert.deepEqual(tokens.toSorted(), tokens);
});

Deno.test("tapStream goes on behind an invalidate, which has the name of its stream", async () => {
  const world = new LakeWorld();
  world.insert(1);
  world.oplog.append({ operation: "drop", database: "shop", collection: "orders" });
  world.insert(1);
  let opened = 0;
  const { rows } = await tap(world, 4, ORDERS, { opened: () => void opened++ });
  assert.equal(opened, 1);
  assert.deepEqual(rows.map((row) => [row["operation"], row["database"], row["collection"]]), [
    ["insert", "shop", "orders"],
    ["drop", "shop", "orders"],
    ["invalidate", "shop", "orders"],
    ["insert", "shop", "orders"],
  ]);
});

Deno.test("tapStream tells of events that no row can hold", async () => {
  const world = new LakeWorld();
  world.insert(2);
  const encoder = createInlineEncoder(world.clock);
  const { rows, dead } = await tap(world, 2, ORDERS, {
    encoder: {
      encode: async (request) => {
        const encoded = await encoder.encode(request);
        const event = new Uint8Array(0);
        return { ...encoded, failed: [{ index: 0, event, reason: "too odd" }] };
      },
    },
  });
  assert.deepEqual([rows.length, dead], [2, ["too odd"]]);
});

Deno.test("tapStream ends as soon as its signal is aborted", async () => {
  const world = new LakeWorld();
  const ending = new AbortController();
  const tapping = tap(world, 1, ORDERS, { signal: ending.signal });
  ending.abort(new Error("enough"));
  await assert.rejects(tapping, /enough|closed/);
});
