import assert from "node:assert/strict";
import { PermanentError, TransientError } from "../../../src/model/errors.ts";
import { connectRedis } from "../../../src/state/redis_connection.ts";
import { sleep, systemClock } from "../../../src/support/clock.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { type Answer, bulk, type FakeRedis, fakeRedis, handshake, list } from "./fake_redis.ts";

const PARTS = { clock: systemClock, random: systemRandom };

/** Calls that must fail do so after this long; calls that must succeed have all the time of a slow machine. */
const SHORT = { ...PARTS, callMsMax: 300 };
const LONG = { ...PARTS, callMsMax: 60_000 };

const healthy: Answer = (command) => handshake(command) ?? "+PONG\r\n";

Deno.test("connectRedis connects with the first call, logs in and selects the database", async () => {
  await using server = fakeRedis(healthy);
  const redis = connectRedis(`redis://ann:p%40ss@127.0.0.1:${server.port}/3`, LONG);
  assert.equal(server.commands.length, 0);
  assert.equal(await redis.call("PING", "a", 1), "PONG");
  const names = server.commands.map(([name]) => name);
  assert.deepEqual(server.commands[names.indexOf("AUTH")], ["AUTH", "ann", "p@ss"]);
  assert.deepEqual(server.commands[names.indexOf("SELECT")]?.slice(1), ["3"]);
  assert.deepEqual(server.commands.at(-1), ["PING", "a", "1"]);
  await redis.close();
});

Deno.test("many first calls at the same time share one connection", async () => {
  await using server = fakeRedis(healthy);
  const redis = connectRedis(`redis://127.0.0.1:${server.port}`, LONG);
  const answers = await Promise.all(Array.from({ length: 20 }, () => redis.call("PING")));
  assert.equal(answers.length, 20);
  assert.equal(server.commands.filter(([name]) => name === "INFO").length, 1);
  await redis.close();
});

Deno.test("a call fails in bounded time where nobody listens, naming address and reason", async () => {
  const redis = connectRedis("redis://ann:hunter2@127.0.0.1:1", { ...PARTS, callMsMax: 1500 });
  const error = await failureOf(redis.call("PING"));
  assert(error instanceof TransientError);
  assert.match(error.message, /^Cannot call PING on redis:\/\/127.0.0.1:1: .*ECONNREFUSED/);
  await redis.close();
});

Deno.test("a call fails in bounded time where the server never answers", async () => {
  await using server = fakeRedis((command) => handshake(command) ?? "silence");
  const redis = connectRedis(`redis://127.0.0.1:${server.port}`, SHORT);
  const error = await failureOf(redis.call("PING"));
  assert(error instanceof TransientError);
  assert.match(error.message, /no answer within 300ms$/);
  await redis.close();
});

Deno.test("a connection on which nothing is answered any more is given up for another one", async () => {
  let pings = 0;
  await using server = fakeRedis((command) =>
    handshake(command) ?? (++pings === 1 ? "silence" : `+${command[1]}\r\n`)
  );
  const redis = connectRedis(`redis://127.0.0.1:${server.port}`, SHORT);
  assert(await failureOf(redis.call("PING", "first")) instanceof TransientError);
  while (await redis.call("PING", "next").catch(() => undefined) !== "next");
  assert.equal(server.commands.filter(([name]) => name === "INFO").length, 2);
  await redis.close();
});

Deno.test("a connection to a replica is given up for another one, whatever was asked", async () => {
  const refusals = [
    "READONLY You can't write against a read only replica.",
    "ERR Error running script (call to f_1): @user_script:4: @user_script: 4: -READONLY You can't",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  ];
  for (const refusal of refusals) {
    let isPrimary = false;
    await using server = fakeRedis((command) => {
      if (command[0] === "INFO") isPrimary = server.commands.some(([name]) => name === "EVAL");
      return handshake(command) ?? (isPrimary ? ":1\r\n" : `-${refusal}\r\n`);
    });
    const redis = connectRedis(`redis://127.0.0.1:${server.port}`, LONG);
    assert(await failureOf(redis.call("EVAL", "return 1", 0)) instanceof TransientError);
    while (await redis.call("EVAL", "return 1", 0).catch(() => undefined) !== 1) {
      await sleep(systemClock, 1);
    }
    await redis.close();
  }
});

Deno.test("a login that is refused is permanent, and no error shows the password", async () => {
  const replies = [
    "-WRONGPASS invalid username-password pair or user is disabled.\r\n",
    "-ERR invalid password hunter2\r\n",
  ];
  for (const reply of replies) {
    await using server = fakeRedis((command) => command[0] === "AUTH" ? reply : healthy(command));
    const redis = connectRedis(`redis://ann:hunter2@127.0.0.1:${server.port}`, LONG);
    const error = await failureOf(redis.call("PING"));
    assert(error instanceof PermanentError, String(error));
    assert(!Deno.inspect(error, { depth: 9, showHidden: true }).includes("hunter2"));
    await redis.close();
  }
});

Deno.test("a command whose connection breaks is not sent again, and the next call connects", async () => {
  let pings = 0;
  await using server = fakeRedis((command) =>
    handshake(command) ?? (++pings === 1 ? "hang-up" : "+PONG\r\n")
  );
  const redis = connectRedis(`redis://127.0.0.1:${server.port}`, LONG);
  assert(await failureOf(redis.call("PING", "first")) instanceof TransientError);
  assert.equal(await redis.call("PING", "second"), "PONG");
  const sent = server.commands.filter(([name]) => name === "PING").map(([, word]) => word);
  assert.deepEqual(sent, ["first", "second"]);
  await redis.close();
});

Deno.test("a command that timed out before there was a connection is never sent", async () => {
  let ready = false;
  const answer: Answer = (command) => {
    const loading = bulk("redis_version:7.0.0\r\nloading:1\r\nloading_eta_seconds:1\r\n");
    return command[0] === "INFO" && !ready ? loading : healthy(command);
  };
  await using server = fakeRedis(answer);
  const url = `redis://127.0.0.1:${server.port}`;
  const redis = connectRedis(url, SHORT);
  assert(await failureOf(redis.call("PING", "early")) instanceof TransientError);
  ready = true;
  while (await redis.call("PING", "late").catch(() => undefined) !== "PONG");
  assert(!server.commands.some(([, word]) => word === "early"));
  await redis.close();
});

Deno.test("errors of the server pass or stay, as their kind is", async () => {
  let reply = "";
  await using server = fakeRedis((command) => handshake(command) ?? reply);
  const redis = connectRedis(`redis://127.0.0.1:${server.port}`, LONG);
  reply = "-NOPERM this user has no permissions to run the 'eval' command\r\n";
  assert(await failureOf(redis.call("EVAL")) instanceof PermanentError);
  reply = "-LOADING Redis is loading the dataset in memory\r\n";
  assert(await failureOf(redis.call("EVAL")) instanceof TransientError);
  await redis.close();
});

Deno.test("a Sentinel is asked for the master, with its own password", async () => {
  await using master = fakeRedis(healthy);
  await using sentinel = fakeRedis((command) => {
    if (command[0] !== "SENTINEL") return handshake(command) ?? "+OK\r\n";
    if (command[1]?.toLowerCase() === "sentinels") return list();
    return list(bulk("127.0.0.1"), bulk(String(master.port)));
  });
  const redis = connectRedis(
    `redis+sentinel://:data@127.0.0.1:1,127.0.0.1:${sentinel.port}/main/2?sentinelPassword=watch`,
    LONG,
  );
  assert.equal(await redis.call("PING"), "PONG");
  assert(sentinel.commands.some(([name, , master]) => name === "SENTINEL" && master === "main"));
  assert.deepEqual(sentinel.commands.find(([name]) => name === "AUTH"), ["AUTH", "watch"]);
  assert.deepEqual(master.commands.find(([name]) => name === "AUTH"), ["AUTH", "data"]);
  assert.equal(redis.description, `redis+sentinel://127.0.0.1:1,127.0.0.1:${sentinel.port}/main`);
  await redis.close();
});

Deno.test("a Cluster is asked for its slots, and commands go to the node of their key", async () => {
  await using cluster = fakeCluster(() => "+PONG\r\n");
  const redis = connectRedis(`redis+cluster://127.0.0.1:${cluster.port}`, LONG);
  assert.equal(await redis.call("EVAL", "return 1", 1, "{a:b}:state:c"), "PONG");
  assert.deepEqual(cluster.commands.filter(([name]) => name === "EVAL"), [
    ["EVAL", "return 1", "1", "{a:b}:state:c"],
  ]);
  await redis.close();
});

Deno.test("a command whose connection to a Cluster breaks is not sent again either", async () => {
  await using cluster = fakeCluster(([name, key]) => {
    if (name !== "GET") return "+OK\r\n";
    return key === "first" ? "hang-up" : "+PONG\r\n";
  });
  const redis = connectRedis(`redis+cluster://127.0.0.1:${cluster.port}`, LONG);
  assert(await failureOf(redis.call("GET", "first")) instanceof TransientError);
  while (await redis.call("GET", "later").catch(() => undefined) !== "PONG") {
    // A refusal that comes at once must not keep the client from connecting.
    await sleep(systemClock, 5);
  }
  assert.equal(cluster.commands.filter(([, key]) => key === "first").length, 1);
  await redis.close();
});

Deno.test("a call fails in bounded time where no node of a Cluster is there", async () => {
  const redis = connectRedis("redis+cluster://127.0.0.1:1", SHORT);
  assert(await failureOf(redis.call("PING")) instanceof TransientError);
  await redis.close();
});

Deno.test("a closed connection refuses calls, also those that wait", async () => {
  const redis = connectRedis("redis://127.0.0.1:1", LONG);
  const waiting = failureOf(redis.call("PING"));
  await redis.close();
  for (const error of [await waiting, await failureOf(redis.call("PING"))]) {
    assert(error instanceof TransientError);
    assert.match(error.message, /the connection is closed$/);
  }
});

/** A Cluster of two nodes that own half of the slots each. */
function fakeCluster(answer: Answer): FakeRedis {
  const slots = (from: number, to: number, port: number) =>
    list(`:${from}\r\n`, `:${to}\r\n`, list(bulk("127.0.0.1"), `:${port}\r\n`));
  const reply: Answer = (command) => {
    if (command[0] !== "CLUSTER") return handshake(command) ?? answer(command);
    if (command[1]?.toUpperCase() !== "SLOTS") return bulk("cluster_state:ok\r\n");
    return list(slots(0, 8191, left.port), slots(8192, 16383, right.port));
  };
  const [left, right] = [fakeRedis(reply), fakeRedis(reply)];
  return {
    port: left.port,
    get commands() {
      return [...left.commands, ...right.commands];
    },
    async [Symbol.asyncDispose]() {
      await left[Symbol.asyncDispose]();
      await right[Symbol.asyncDispose]();
    },
  };
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  assert.fail("the call should have failed");
}
