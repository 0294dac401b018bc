/** What becomes of a real Redis' refusals, before 7 and since: after a failover, when it is full, with too few rights. */
import assert from "node:assert/strict";
import { startRedis } from "../../scripts/services/redis.ts";
import type { Server } from "../../scripts/services/server_process.ts";
import { openFleet } from "../../src/coordinate/open_fleet.ts";
import { FLEET_COMMANDS, rehearseFleet } from "../../src/coordinate/redis/redis_rehearsal.ts";
import { PermanentError, TransientError } from "../../src/model/errors.ts";
import { checkRedis } from "../../src/state/check_redis.ts";
import { connectRedis, type RedisConnection } from "../../src/state/redis_connection.ts";
import { createRedisState, rehearseState, STATE_COMMANDS } from "../../src/state/redis_state.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { MovingName } from "../support/moving_name.ts";
import { command, until } from "../support/redis_forms.ts";

const PARTS = { clock: systemClock, random: systemRandom, callMsMax: 5000 };
const PREFIX = "{tributary:refusals}";

for (const old of [true, false]) {
  const line = old ? "6.2" : "7";
  const start = (...args: string[]) => startRedis({ old, args });

  Deno.test(`Redis ${line}: after a failover every connection finds the new primary`, async () => {
    await using first = await start();
    await using second = await start();
    await using name = new MovingName(first.port);
    for (const [what, write] of Object.entries(writes())) {
      name.leadTo(first.port);
      await command(first.url, "REPLICAOF", "NO", "ONE");
      const redis = connectRedis(`redis://127.0.0.1:${name.port}`, PARTS);
      try {
        await write(redis);
        // The old primary lives on as a replica, and keeps its connections.
        await command(first.url, "REPLICAOF", "127.0.0.1", second.port);
        name.leadTo(second.port);
        await assert.rejects(write(redis), isTransient, what);
        await until(() => write(redis).then(() => true, () => false));
      } finally {
        await redis.close();
      }
    }
  });

  Deno.test(`Redis ${line}: what passes by itself is no fault that stays`, async () => {
    await using server = await start();
    const redis = connectRedis(server.url, PARTS);
    try {
      for (const [setting, value, normal] of REFUSING) {
        await command(server.url, "CONFIG", "SET", setting, value);
        for (const [what, write] of Object.entries(writes())) {
          const outcome = await write(redis).then(() => undefined, (error: unknown) => error);
          // Some writes, as one that shortens nothing, are allowed to a full server.
          if (outcome !== undefined) {
            assert(isTransient(outcome), `${setting}, ${what}: ${outcome}`);
          }
        }
        await assert.rejects(check(redis), /refuses SET on \{tributary:refusals\}:lock:check-1/);
        await command(server.url, "CONFIG", "SET", setting, normal);
        for (const write of Object.values(writes())) await write(redis);
        await check(redis);
      }
    } finally {
      await redis.close();
    }
  });

  Deno.test(`Redis ${line}: a server that cannot save takes no writes, and says so in a check`, async () => {
    await using server = await start("--dbfilename", "there.rdb");
    await cannotSave(server);
    const redis = connectRedis(server.url, PARTS);
    try {
      for (const write of Object.values(writes())) await assert.rejects(write(redis), isTransient);
      await assert.rejects(check(redis), /\(MISCONF .*\): free space on its disk/);
    } finally {
      await redis.close();
    }
  });

  Deno.test(`Redis ${line}: check fails on a replica`, async () => {
    await using primary = await start();
    await using replica = await start("--replicaof", "127.0.0.1", String(primary.port));
    const redis = connectRedis(replica.url, PARTS);
    try {
      await assert.rejects(check(redis), /is a replica, which takes no writes \(READONLY/);
    } finally {
      await redis.close();
    }
  });

  Deno.test(`Redis ${line}: check names each right that is missing, and what it advises suffices`, async () => {
    await using server = await start();
    const all = [...new Set(["ping", "info", ...FLEET_COMMANDS, ...STATE_COMMANDS])];
    const grant = (...rules: string[]) =>
      command(server.url, "ACL", "SETUSER", "app", "reset", "on", ">secret", ...rules);
    const checked = async (): Promise<string> => {
      const redis = connectRedis(`redis://app:secret@127.0.0.1:${server.port}`, PARTS);
      return await check(redis).then(() => "", ({ message }) => message)
        .finally(() => redis.close());
    };
    for (const missing of all.filter((name) => !["ping", "info"].includes(name))) {
      await grant(`~${PREFIX}*`, ...all.filter((name) => name !== missing).map((n) => `+${n}`));
      const message = await checked();
      const named = new RegExp(
        `refuses ${missing} on \\{tributary:refusals\\}:.+ to the user "app"`,
        "i",
      );
      assert.match(message, named);
    }
    await grant("~other*", "+@all");
    const message = await checked();
    assert.match(message, /refuses SET on \{tributary:refusals\}:lock:check-1 to the user "app"/);
    await grant();
    await command(server.url, ..."ACL SETUSER app".split(" "), ...rulesIn(message));
    assert.equal(await checked(), "");
    // Nothing is left of it, but that something has changed.
    assert.deepEqual(await command(server.url, "KEYS", "*"), [`${PREFIX}:changes`]);
  });
}

/** What makes a server refuse writes, and what ends that. */
const REFUSING = [["maxmemory", "1", "0"], ["min-replicas-to-write", "1", "0"]] as const;

/** One write of each part, as a run does it. */
function writes(): Record<string, (redis: RedisConnection) => Promise<unknown>> {
  const fleet = (redis: RedisConnection) =>
    openFleet({ kind: "redis", redis, prefix: PREFIX }, systemClock, systemRandom);
  const holder = { owner: "a", instance: "a", since: "2026-11-28T00:00:00.000Z" };
  const member = { ...holder, version: "1", streams: [], failed: 0, isLeaving: false };
  return {
    lease: (redis) => fleet(redis).leases.take("s", holder, 60_000),
    "end of a lease": async (redis) => {
      await fleet(redis).leases.take("s", holder, 60_000);
      await fleet(redis).leases.releaseAny("s");
    },
    member: (redis) => fleet(redis).members.announce(member, 60_000),
    news: (redis) => fleet(redis).news.tell({ owner: "a", streams: [] }, 60_000),
    order: (redis) => fleet(redis).orders.pause("s"),
    flush: (redis) => fleet(redis).orders.flush("s"),
    state: (redis) =>
      createRedisState(redis, { keyPrefix: PREFIX }).save("s", {
        ...{ stream: "collection:a.b", seq: 1, generation: 1, owner: "a", events: 0, objects: 0 },
        ...{ bytes: 0, deadLetters: 0, updatedAt: "2026-11-28T00:00:00.000Z" },
        position: { operationTime: { t: 1, i: 1 }, data: "" },
      }),
  };
}

function check(redis: RedisConnection) {
  const commands = [...FLEET_COMMANDS, ...STATE_COMMANDS];
  return checkRedis(redis, { keyPrefix: PREFIX, commands }, [
    (caller) => rehearseFleet(caller, PREFIX, "check-1"),
    (caller) => rehearseState(caller, PREFIX, "check-1"),
  ]);
}

function isTransient(error: unknown): boolean {
  assert(!(error instanceof PermanentError), String(error));
  return error instanceof TransientError;
}

function rulesIn(message: string): string[] {
  return /`ACL SETUSER app (.*)`/.exec(message)![1]!.split(" ");
}

/** A folder lies where the snapshot is to be renamed to. */
async function cannotSave(server: Server): Promise<void> {
  const folder = (await command(server.url, "CONFIG", "GET", "dir") as string[])[1]!;
  await Deno.mkdir(`${folder}/there.rdb/full`, { recursive: true });
  await command(server.url, "CONFIG", "SET", "save", "3600 1");
  await command(server.url, "SET", "x", "1");
  await command(server.url, "BGSAVE");
  await until(async () =>
    /rdb_last_bgsave_status:err/.test(String(await command(server.url, "INFO", "persistence")))
  );
}
