import assert from "node:assert/strict";
import { PermanentError } from "../../../src/model/errors.ts";
import { comparePositions, positionAfterToken, positionAt } from "../../../src/model/position.ts";
import type { Source } from "../../../src/pipeline/stages.ts";
import type { StartFrom } from "../../../src/model/start_from.ts";
import { resolveStart } from "../../../src/pipeline/start_position.ts";
import { createMemorySource } from "../../../src/source/memory_source.ts";
import { tokenData } from "../../../src/source/memory_token.ts";
import { LakeWorld, OPLOG_SECONDS_FIRST } from "../../support/lake_world.ts";

const NEVER = new AbortController().signal;

Deno.test("resolveStart takes now as after all that has happened, and the source opens there at once", async () => {
  const world = new LakeWorld();
  world.insert(3);
  const { context } = world.instance();
  const start = await resolve(world, { kind: "now" });
  const last = world.oplog.entries.at(-1)!;
  assert(comparePositions(start, positionAfterToken(last.data)) > 0);
  const request = { stream: context.stream, from: start, settings: context.settings };
  const cursor = await context.source.open({ ...request, images: "as-set" }, NEVER);
  world.insert(1);
  const reply = await cursor.next(10);
  assert.equal(reply.starts.length, 1);
  await cursor.close();
});

Deno.test("resolveStart takes earliest as the oldest entry that can be opened", async () => {
  const world = new LakeWorld();
  world.insert(3);
  world.oplog.truncateBefore(world.oplog.entries[1]!.time);
  assert.deepEqual(
    await resolve(world, { kind: "earliest" }),
    positionAt({ t: OPLOG_SECONDS_FIRST, i: 3 }),
  );
});

Deno.test("resolveStart takes a time as the beginning of its second, and refuses the future", async () => {
  const world = new LakeWorld();
  world.pass(100);
  const seconds = OPLOG_SECONDS_FIRST + 50;
  assert.deepEqual(
    await resolve(world, { kind: "time", seconds }),
    positionAt({ t: seconds, i: 1 }),
  );
  await assert.rejects(
    resolve(world, { kind: "time", seconds: seconds + 51 }),
    (e) =>
      e instanceof PermanentError &&
      /START_FROM 2026-11-20T17:01:41.000Z: the server's last operation is of 2026-11-20T17:01:40/
        .test(e.message),
  );
});

Deno.test("resolveStart takes a resume token as it is, and refuses what is none", async () => {
  const world = new LakeWorld();
  world.insert(1);
  const { data } = world.oplog.entries[0]!;
  assert.deepEqual(await resolve(world, { kind: "token", data }), positionAfterToken(data));
  await assert.rejects(resolve(world, { kind: "token", data: "0163" }), PermanentError);
});

Deno.test("resolveStart refuses a resume token of the future, and one that the server cannot read", async () => {
  const world = new LakeWorld();
  world.insert(1);
  const { t, i } = world.oplog.operationTime;
  const future = tokenData({ time: { t, i: i + 1 }, fromInvalidate: false });
  const startFrom = { kind: "token", data: future } as const;
  await assert.rejects(resolve(world, startFrom), (error) => {
    assert(error instanceof PermanentError);
    assert.match(error.message, /START_FROM "82.*": it is of 2026-11-20T17:00.*last operation/);
    return true;
  });
  const inner = createMemorySource({ oplog: world.oplog, clock: world.clock });
  const source: Source = {
    ...inner,
    checkToken: () => Promise.reject(new PermanentError("MongoDB cannot read it")),
  };
  const { data } = world.oplog.entries[0]!;
  const context = { ...world.instance().context, source };
  const options = { startFrom: { kind: "token", data } } as const;
  await assert.rejects(resolveStart({ ...context, options }, NEVER), {
    name: "PermanentError",
    message: `Cannot start at START_FROM "${data}": MongoDB cannot read it`,
  });
});

async function resolve(world: LakeWorld, startFrom: StartFrom) {
  return await resolveStart(world.instance({ options: { startFrom } }).context, NEVER);
}
