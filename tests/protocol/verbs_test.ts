/** Each verb after each other verb, completed or cut off, with copies at work and without: nothing gets stuck for good. */
import assert from "node:assert/strict";
import { createObjectLayouts } from "../../src/journal/object_layouts.ts";
import { errorMessage, FencedError, PermanentError } from "../../src/model/errors.ts";
import type { CollectionStream } from "../../src/model/layout.ts";
import { comparePositions, positionAt } from "../../src/model/position.ts";
import { type Stream, streamKey, targetKey } from "../../src/model/stream.ts";
import { adoptStream } from "../../src/operate/adopt_stream.ts";
import { changeLayout } from "../../src/operate/change_layout.ts";
import { readLayouts, streamsToRun } from "../../src/pipeline/layout/layout_streams.ts";
import { movePosition } from "../../src/operate/move_position.ts";
import type { OperatorParts } from "../../src/operate/operator_context.ts";
import { retireStreams } from "../../src/operate/retire_streams.ts";
import { expectedTokens, readLake } from "../support/lake_oracle.ts";
import { type Instance, LakeWorld, OPLOG_SECONDS_FIRST, ORDERS } from "../support/lake_world.ts";
import { operatorParts } from "../support/operator_parts.ts";

const COLLECTION = ORDERS as CollectionStream;
const TARGET = targetKey(ORDERS);
const SHOP: Stream = { level: "database", database: "shop" };
const NOW = { kind: "now" } as const;

/** What a person can do, also where the command dies in its middle. */
const VERBS: Readonly<Record<string, (walk: Walk) => Promise<unknown>>> = {
  "layout set": ({ parts }) => changeLayout(parts, COLLECTION, 2),
  "layout set, cut off": async ({ parts, epochNext }) => {
    await parts.layouts.putIntent(TARGET, { epoch: await epochNext(), of: 3 });
  },
  "layout retire": ({ parts }) => retireStreams(parts, ["shop.orders", "shop.items"]),
  "layout retire, cut off before the intents": async ({ parts, world, epochNext }) => {
    const barrier = positionAt({ t: world.oplog.operationTime.t + 3, i: 1 });
    const epoch = await epochNext();
    if (await parts.layouts.readIntent(TARGET, epoch) !== undefined) return;
    await parts.layouts.put(TARGET, { epoch, of: 0, barrier });
  },
  "layout retire of an older version, cut off": async ({ parts, epochNext }) => {
    await parts.layouts.putIntent(TARGET, { epoch: await epochNext(), of: 0 });
  },
  "position set": ({ parts }) => movePosition(parts, "shop.orders", NOW, true),
  "position set of an older version": async ({ parts, world }) => {
    // It knew nothing of barriers.
    const layouts = { ...parts.layouts, readIntent: () => Promise.resolve(undefined) };
    world.pass(20);
    await movePosition({ ...parts, layouts }, "shop.orders", NOW, true);
  },
  "position adopt": ({ parts }) => adoptStream(parts, "shop.orders", undefined),
};

for (const [first, before] of Object.entries(VERBS)) {
  for (const [second, after] of Object.entries(VERBS)) {
    for (const isAtWork of [true, false]) {
      const copies = isAtWork ? "copies at work" : "nothing running";
      Deno.test(`${first}, then ${second}, with ${copies}: a way leads out`, async () => {
        const walk = await Walk.begin(isAtWork);
        for (const verb of [before, after]) {
          await walk.give(verb);
          walk.world.insert(2);
          await walk.pass(2);
        }
        await walk.leadOut();
        await walk.judge();
      });
    }
  }
}

class Walk {
  readonly world = new LakeWorld();
  readonly #running = new Map<string, Instance>();
  readonly #refusals: string[] = [];
  #isAtWork = true;

  static async begin(isAtWork: boolean): Promise<Walk> {
    const walk = new Walk();
    walk.world.insert(5);
    walk.world.insert(3, "items");
    await walk.pass(3);
    if (!isAtWork) await walk.stop();
    walk.#isAtWork = isAtWork;
    return walk;
  }

  get parts(): OperatorParts {
    return operatorParts(this.world);
  }

  /** The layout that a command would write, or complete. */
  readonly epochNext = async (): Promise<number> => {
    const { epoch, of } = (await readLayouts(this.parts.layouts, TARGET)).at(-1) ??
      { epoch: 0, of: 1 };
    return of === 0 ? epoch : epoch + 1;
  };

  /** Gives a command, which may be refused, and then says what to do. */
  async give(verb: (walk: Walk) => Promise<unknown>): Promise<void> {
    let isDone = false;
    const command = verb(this).catch((error: unknown) => {
      if (!(error instanceof PermanentError)) throw error;
      assert.match(
        error.message,
        /`tributary |another prefix|nothing is wrong|closed already|is what it has/,
      );
    }).finally(() => isDone = true);
    command.catch(() => {}); // Awaited below.
    for (let second = 0; second < 60 && !isDone; second++) await this.pass(1);
    await this.world.clock.finish(command);
  }

  /** Seconds in which whatever may run runs. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      if (this.#isAtWork) await this.#startWhatMayRun();
      this.world.pass(1);
      await this.world.clock.advance(1000);
    }
  }

  /** Copies are started, and what they say is done. */
  async leadOut(): Promise<void> {
    this.#isAtWork = true;
    for (let round = 0; round < 4; round++) {
      this.#refusals.length = 0;
      await this.pass(40);
      const says = (what: string) => this.#refusals.some((each) => each.includes(what));
      if (says("position adopt")) await this.give(VERBS["position adopt"]!);
      if ((await readLayouts(this.parts.layouts, TARGET)).at(-1)?.of === 0) {
        await this.give(VERBS["layout retire"]!);
      }
    }
    await this.stop();
  }

  /** Everything is in the lake once, but for what gaps name; streams go on, or the database does. */
  async judge(): Promise<void> {
    const { world } = this;
    const retired = (await readLayouts(this.parts.layouts, TARGET)).at(-1)?.of === 0;
    if (retired) {
      // Where the items had not been retired, they are now.
      await this.give(VERBS["layout retire"]!);
      world.insert(4);
      world.insert(2, "items");
      await world.instance({ stream: SHOP }).runToEnd();
    } else {
      world.insert(4);
      this.#isAtWork = true;
      await this.pass(10);
      await this.stop();
    }
    const stored: string[] = [];
    const gaps: { readonly from: string; readonly to: string }[] = [];
    for (const key of await world.journal.streams()) {
      const genesis = await world.journal.read(key, 0);
      assert(genesis?.kind === "genesis");
      const lake = await readLake(world, { stream: genesis.stream });
      stored.push(...lake.stored);
      for (const { kind, from, to } of lake.records) {
        if (kind === "gap") gaps.push({ from: from.data, to: to.data });
      }
    }
    assert.equal(new Set(stored).size, stored.length, "an event is there twice");
    const from = positionAt({ t: OPLOG_SECONDS_FIRST, i: 1 });
    const missing = expectedTokens(world.oplog.entries, SHOP, from)
      .filter((data) => !stored.includes(data))
      .filter((data) => !gaps.some((gap) => data > gap.from && data <= gap.to));
    assert.deepEqual(missing, [], `events are missing; ${this.#refusals.join("; ")}`);
    const last = world.oplog.entries.at(-1)!;
    assert(
      comparePositions({ operationTime: last.time, data: last.data }, from) > 0 &&
        stored.includes(last.data),
      "the last event is there",
    );
  }

  async stop(): Promise<void> {
    for (const instance of this.#running.values()) instance.stop();
    await this.world.clock.advance(10_000);
    this.#running.clear();
  }

  async #startWhatMayRun(): Promise<void> {
    const { world } = this;
    const layouts = createObjectLayouts(world.destination);
    const items = { ...COLLECTION, collection: "items" };
    for (const collection of [COLLECTION, items]) {
      for (const stream of await streamsToRun(world.journal, layouts, collection)) {
        const key = streamKey(stream);
        if (this.#running.has(key)) continue;
        const instance = world.instance({ stream });
        this.#running.set(key, instance);
        instance.run().catch((error: unknown) => {
          this.#refusals.push(errorMessage(error));
          assert(
            error instanceof PermanentError || error instanceof FencedError ||
              /divided anew/.test(String(error)),
            String(error),
          );
        }).finally(() => this.#running.delete(key));
      }
    }
  }
}
