import assert from "node:assert/strict";
import type {
  Cause,
  CauseDependency,
  CauseFacts,
  CauseStream,
} from "../../../../src/observe/status/cause_facts.ts";
import { causesOf } from "../../../../src/observe/status/causes.ts";

const AT = "2026-11-21T00:00:00.000Z";

function streamOf(name: string, more: Partial<CauseStream> = {}): CauseStream {
  return {
    name,
    condition: "running",
    lagSeconds: 1,
    lakeLagSeconds: 20,
    oplogHeadroomSeconds: 3000,
    bufferedEvents: 0,
    error: null,
    ...more,
  };
}

const HOST = { name: "host-1", state: "running" };

function causes(facts: Partial<CauseFacts>): Cause[] {
  return causesOf({
    dependencies: [],
    streams: [],
    instances: [HOST],
    oplogWindowSeconds: 3600,
    limits: { lagSeconds: 300, lakeLagSeconds: 360 },
    ...facts,
  });
}

function away(name: CauseDependency["name"], more: Partial<CauseDependency> = {}) {
  return { name, state: "unhealthy", since: AT, reason: "connection refused", ...more } as const;
}

const failing = (condition: string, message: string) => ({
  condition,
  error: { message, at: AT, since: AT },
});

const brief = (found: Cause[]) => found.map(({ id, severity, streams }) => [id, severity, streams]);

Deno.test("causesOf finds nothing where all is well", () => {
  const healthy = { name: "mongodb", state: "healthy", since: AT, reason: null } as const;
  assert.deepEqual(causes({ dependencies: [healthy], streams: [streamOf("a")] }), []);
});

Deno.test("causesOf explains all streams that wait for MongoDB by one cause", () => {
  const streams = [
    streamOf("a", failing("waiting", "no answer for a")),
    streamOf("b", { condition: "opening" }),
    streamOf("c"),
    streamOf("d", { condition: "free" }),
  ];
  const [cause, ...more] = causes({ dependencies: [away("mongodb")], streams });
  assert.deepEqual(more, []);
  assert.deepEqual(cause, {
    id: "mongodb-away",
    severity: "critical",
    since: AT,
    text: "MongoDB does not answer: connection refused.",
    reason: "connection refused",
    next: "Start it, or correct the address in MONGODB_URI: nothing listens there.",
    streams: ["a", "b", "d"],
  });
});

Deno.test("causesOf names streams that hold events for a destination that is away, though they read", () => {
  const streams = [streamOf("a", { bufferedEvents: 7 }), streamOf("b")];
  const found = causes({ dependencies: [away("destination")], streams });
  assert.deepEqual(brief(found), [["destination-away", "critical", ["a"]]]);
  assert.equal(found[0]?.text, "The destination cannot be written: connection refused.");
});

Deno.test("causesOf names the instance that is cut off from a service, and its streams alone", () => {
  const streams = [
    streamOf("a", { instance: "host-1", bufferedEvents: 7 }),
    streamOf("b", { instance: "host-2", bufferedEvents: 7 }),
  ];
  const texts = (["mongodb", "destination", "redis"] as const).map((name) => {
    const [cause] = causes({ dependencies: [away(name, { failing: ["host-2"] })], streams });
    return cause!.text;
  });
  assert.deepEqual(texts, [
    "MongoDB does not answer host-2: connection refused.",
    "The destination cannot be written by host-2: connection refused.",
    "Redis does not answer host-2: connection refused.",
  ]);
  const reason = "403 Forbidden";
  const refused = away("destination", { failing: ["host-2"], refuses: true, reason });
  const found = causes({ dependencies: [refused], streams });
  assert.equal(found[0]!.text, "The destination refuses host-2: 403 Forbidden.");
  assert.match(found[0]!.next, /working keys.* rights on the bucket.* need a restart/);
  assert.deepEqual(brief(found), [["destination-away", "critical", ["b"]]]);
});

Deno.test("causesOf has one cause for streams that fail at objects of their own by one fault", () => {
  const failed = (name: string, seq: number) => {
    const key = `shop/_tributary/streams/collection.shop.${name}/${seq}.json`;
    const message = `Cannot write object "${key}" in bucket "lake": there is no bucket "lake"`;
    return streamOf(`collection:shop.${name}`, failing("failed", message));
  };
  const found = causes({ streams: [failed("a", 39), failed("b", 40)] });
  assert.deepEqual(found.map(({ id, streams }) => [id, streams.length]), [["streams-failing", 2]]);
});

Deno.test("causesOf says of a service that refuses that it does, and explains what has failed by it", () => {
  const streams = [streamOf("a", failing("failed", "bad auth"))];
  const refusing = away("mongodb", { refuses: true, reason: "bad auth" });
  const [cause, ...more] = causes({ dependencies: [refusing], streams });
  assert.deepEqual(more, []);
  assert.equal(cause?.text, "MongoDB refuses: bad auth.");
  assert.match(cause.next, /A changed MONGODB_URI needs a restart/);
  assert.deepEqual(cause?.streams, ["a"]);
  // Of one that does not answer, what has failed is another matter.
  const two = causes({ dependencies: [away("mongodb")], streams });
  assert.deepEqual(two.map(({ id }) => id), ["mongodb-away", "streams-failing"]);
});

Deno.test("causesOf has one cause for a destination that is away and has the leases", () => {
  const streams = [
    streamOf("a", { bufferedEvents: 7 }),
    streamOf("b", { condition: "elsewhere" }),
    streamOf("c", { condition: "free" }),
  ];
  const dependencies = [away("destination")];
  const [cause, ...more] = causes({ dependencies, streams, leasesAwaySince: AT });
  assert.deepEqual(more, []);
  assert.deepEqual([cause!.id, cause!.leasesUnknown], ["destination-away", true]);
  assert.deepEqual(cause!.streams.toSorted(), ["a", "b", "c"]);
  const redis = away("redis", { state: "healthy" });
  const two = causes({ dependencies: [...dependencies, redis], streams, leasesAwaySince: AT });
  assert.deepEqual(two.map(({ id }) => id), ["destination-away", "leases-away"]);
});

Deno.test("causesOf explains streams that nobody has by Redis or the lake, and else tells of them", () => {
  const streams = [streamOf("a", { condition: "free", lakeLagSeconds: 20 }), streamOf("b")];
  const redis = causes({ dependencies: [away("redis")], streams, leasesAwaySince: AT });
  assert.deepEqual(brief(redis), [["redis-away", "critical", ["a"]]]);
  const lake = causes({ streams, leasesAwaySince: AT });
  assert.deepEqual(brief(lake), [["leases-away", "critical", ["a"]]]);
  assert.match(lake[0]!.text, /^The leases in the lake could not be reached/);
  // Redis answers, and the leases have not been asked for yet.
  const dependencies = [away("redis", { state: "healthy" })];
  const returning = causes({ dependencies, streams, leasesAwaySince: AT });
  assert.deepEqual(brief(returning), [["leases-away", "critical", ["a"]]]);
  assert.match(returning[0]!.text, /^The leases in Redis could not be reached/);
  const leasesAwayReason = "OOM command not allowed";
  const [full] = causes({ dependencies, streams, leasesAwaySince: AT, leasesAwayReason });
  assert.match(full!.next, /^Raise `maxmemory`/);
  assert.deepEqual(brief(causes({ streams })), [["streams-free", "warning", ["a"]]]);
  const justNow = [streamOf("a", { condition: "free", freeSince: AT })];
  assert.deepEqual(causes({ streams: justNow, at: "2026-11-21T00:00:09.000Z" }), []);
  const [cause] = causes({ streams: justNow, at: "2026-11-21T00:00:10.000Z" });
  assert.deepEqual([cause?.id, cause?.since], ["streams-free", AT]);
  const late = [streamOf("a", { condition: "free", lakeLagSeconds: 2000 })];
  assert.deepEqual(brief(causes({ streams: late })), [["streams-free", "critical", ["a"]]]);
});

Deno.test("causesOf makes one cause of streams with the same failure, and few of many failures", () => {
  const later = { ...failing("failed", "history of b is lost").error, since: "2027" };
  const streams = [
    streamOf("a", failing("failed", "history of a is lost")),
    streamOf("b", { condition: "failed", error: later }),
    streamOf("c", failing("waiting", "a tooth")),
  ];
  const found = causes({ streams });
  assert.deepEqual(brief(found), [
    ["streams-failing", "critical", ["a", "b"]],
    ["streams-failing-2", "warning", ["c"]],
  ]);
  assert.equal(found[0]?.text, "2 streams cannot go on: history of a is lost.");
  assert.equal(found[0]?.since, AT);
  const many = Array.from(
    { length: 40 },
    (_, i) => streamOf(`s${i}`, failing("failed", "f".repeat(i + 1))),
  );
  assert.deepEqual(causes({ streams: many }).map(({ streams }) => streams.length), [
    1,
    1,
    1,
    1,
    36,
  ]);
});

Deno.test("causesOf warns of an oplog that runs short, also of streams that are paused", () => {
  const streams = [
    streamOf("a", { condition: "paused", oplogHeadroomSeconds: 90 }),
    streamOf("b", { condition: "paused" }),
  ];
  const found = causes({ streams });
  assert.deepEqual(brief(found), [
    ["oplog-short", "critical", ["a"]],
    ["paused", "info", ["a", "b"]],
  ]);
  assert.equal(found[0]?.text, "a has 1m 30s of oplog left before events are lost.");
  const first = (...streams: CauseStream[]) => {
    const [cause] = causes({ streams });
    return [cause?.id, cause?.severity, cause?.next];
  };
  const paused = (left: number) =>
    streamOf("a", { condition: "paused", oplogHeadroomSeconds: left });
  const goOn = "Let them go on at once (`tributary resume`), or make the oplog longer " +
    "(replSetResizeOplog).";
  assert.deepEqual(first(paused(90)), ["oplog-short", "critical", goOn]);
  assert.deepEqual(first(paused(800)), ["oplog-short", "warning", goOn]);
  assert.deepEqual(first(streamOf("a", { oplogHeadroomSeconds: 800 }))[0], undefined);
  const longer =
    "Make the oplog longer at once (replSetResizeOplog), then mend what holds them up.";
  assert.deepEqual(first(streamOf("a", { oplogHeadroomSeconds: 80 })).at(-1), longer);
  assert.match(first(paused(0)).at(-1)!, /^Let them go on \(`tributary resume`\)/);
});

Deno.test("causesOf tells reading that is behind from storing that is", () => {
  const streams = [
    streamOf("a", { lagSeconds: 400, lakeLagSeconds: 400 }),
    streamOf("b", { lakeLagSeconds: 400 }),
  ];
  const found = causes({ streams });
  assert.deepEqual(brief(found), [["reading-late", "warning", ["a"]], [
    "storing-late",
    "warning",
    ["b"],
  ]]);
});

Deno.test("causesOf knows that no instance runs, and who waits for one with another selection", () => {
  const free = [streamOf("a", { condition: "free" })];
  assert.deepEqual(brief(causes({ streams: free, instances: [] })), [
    ["no-instance", "critical", ["a"]],
  ]);
  const waiting = causes({ instances: [HOST, { name: "host-2", state: "waiting" }] });
  assert.deepEqual(brief(waiting), [["instance-waits", "warning", []]]);
});

Deno.test("causesOf cuts long reasons", () => {
  const [cause] = causes({ dependencies: [away("mongodb", { reason: "x".repeat(900) })] });
  assert.equal(cause?.text.length, "MongoDB does not answer: ".length + 200);
});

Deno.test("causesOf takes no stream for late of which Redis brings no news", () => {
  const streams = [streamOf("a", { lagSeconds: 400 }), streamOf("b")];
  const found = causes({ dependencies: [away("redis")], streams });
  assert.deepEqual(brief(found), [["redis-away", "critical", ["a"]]]);
});

Deno.test("causesOf says of what is late just after a service has come back that it is caught up", () => {
  const next = (at: string) => {
    const back = { name: "mongodb", state: "healthy", since: AT, reason: null } as const;
    const streams = [streamOf("a", { lagSeconds: 400 }), streamOf("b", { lakeLagSeconds: 400 })];
    return causes({ at, dependencies: [back], streams }).map((cause) => cause.next);
  };
  const [reading, storing] = next("2026-11-21T00:00:09.000Z");
  assert.match(reading!, /caught up/);
  assert.match(storing!, /caught up/);
  const later = next("2026-11-21T00:01:00.000Z");
  assert.match(later[0]!, /more CPU/);
  assert.match(later[1]!, /destination is slow/);
});

Deno.test("causesOf tells of what is missing in the lake until it is accepted, behind what is wrong now", () => {
  const lossy = streamOf("collection:shop.orders", { lost: 2 });
  const [first, second] = causes({ streams: [lossy], dependencies: [away("mongodb")] });
  assert.equal(first?.id, "mongodb-away");
  assert.deepEqual(brief([second!]), [["history-lost", "warning", ["collection:shop.orders"]]]);
  assert.equal(second?.text, "Events of collection:shop.orders are missing in the lake.");
  assert.match(second.next, /verify --accept/);
  assert.deepEqual(causes({ streams: [streamOf("collection:shop.orders", { lost: 0 })] }), []);
});

Deno.test("causesOf says since when nothing is read of what is paused, as far as that is known", () => {
  const paused = (name: string, lakeLagSeconds: number | null) =>
    streamOf(name, { condition: "paused", lakeLagSeconds });
  const [cause] = causes({
    at: AT,
    streams: [paused("a", 59.96), paused("b", 20), paused("c", null)],
  });
  assert.equal(cause?.since, "2026-11-20T23:59:00.000Z");
  assert.equal(causes({ at: AT, streams: [paused("c", null)] })[0]?.since, null);
  assert.equal(causes({ streams: [paused("a", 60)] })[0]?.since, null);
});

Deno.test("causesOf tells of settings that were refused, and by whom", () => {
  const refusedSettings = { since: AT, reason: "BATCH_SIZE is 0" };
  const [cause, ...more] = causes({
    instances: [HOST, { ...HOST, name: "host-2", refusedSettings }],
  });
  assert.deepEqual(more, []);
  assert.deepEqual(cause, {
    ...{ id: "settings-refused", severity: "warning", since: AT, streams: [] },
    text: "host-2 keeps its old settings, those read again are refused: BATCH_SIZE is 0.",
    reason: "BATCH_SIZE is 0",
    next: "Correct them and reload again; a restart would not start with them.",
  });
});

Deno.test("causesOf says since when streams are paused where that is known, and not what was read last", () => {
  const at = "2026-11-21T00:01:00.000Z";
  const paused = {
    condition: "paused",
    lakeLagSeconds: 25,
    pausedSince: "2026-11-21T00:00:50.000Z",
  };
  assert.equal(causes({ at, streams: [streamOf("a", paused)] })[0]?.since, paused.pausedSince);
  const { pausedSince: _, ...unknown } = paused;
  const both = [streamOf("a", paused), streamOf("b", unknown)];
  assert.equal(causes({ at, streams: both })[0]?.since, "2026-11-21T00:00:35.000Z");
});

Deno.test("causesOf asks nobody to do what a failure says that is over: the services answer again", () => {
  const at = "2026-11-21T00:00:03.000Z";
  const back = { name: "mongodb", state: "healthy", since: AT, reason: null } as const;
  const found = (failedAt: string) => {
    const error = { message: "no login", at: failedAt, since: AT };
    const streams = [streamOf("a", { condition: "failed", error })];
    const [cause] = causes({ at, dependencies: [back], streams });
    return [cause?.severity, cause?.next.includes("answer again")];
  };
  assert.deepEqual(found("2026-11-20T23:59:59.000Z"), ["warning", true]);
  assert.deepEqual(found("2026-11-21T00:00:01.000Z"), ["critical", false]);
});
