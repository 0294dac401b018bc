import assert from "node:assert/strict";
import {
  failsEverybody,
  servicesAway,
  servicesOfAll,
} from "../../../../src/observe/status/service_news.ts";

const EARLY = "2026-11-21T00:00:00.000Z";
const LATE = "2026-11-21T00:00:05.000Z";

function destination(since: string, reason = "connection refused") {
  return { name: "destination", since, reason, refuses: false } as const;
}

const healthy = { name: "destination", state: "healthy", since: EARLY, reason: null } as const;

Deno.test("servicesAway tells of what is away alone, without secrets", () => {
  const well = { state: "healthy", sinceMs: 0, reason: undefined, refuses: false } as const;
  const reason = "no answer of mongodb://user:secret@host/";
  const ill = { state: "unhealthy", sinceMs: 0, reason, refuses: true } as const;
  const [told, ...more] = servicesAway([["redis", well], ["mongodb", ill]]);
  assert.deepEqual(more, []);
  assert.deepEqual([told!.name, told!.since, told!.refuses], [
    "mongodb",
    "1970-01-01T00:00:00.000Z",
    true,
  ]);
  assert(!told!.reason!.includes("secret"));
});

Deno.test("servicesOfAll names the instances that a service fails, and the earliest of their words", () => {
  const instances = [
    { name: "app-1", away: [destination(LATE, "late")] },
    { name: "app-2" },
    { name: "app-3", away: [destination(EARLY, "early")] },
  ];
  const expected = {
    ...{ name: "destination", state: "unhealthy", since: EARLY, reason: "early", refuses: false },
    failing: ["app-1", "app-3"],
  };
  assert.deepEqual(servicesOfAll([], instances), [expected]);
  assert.deepEqual(servicesOfAll([healthy], [instances[0]!, instances[2]!]), [expected]);
});

Deno.test("servicesOfAll names nobody where a service fails all, or whoever asks", () => {
  const away = [destination(EARLY)];
  const [told] = servicesOfAll([], [{ name: "app-1", away }, { name: "app-2", away }]);
  assert.equal(told!.failing, undefined);
  const here = { ...healthy, state: "unhealthy", reason: "here" } as const;
  assert.deepEqual(servicesOfAll([here], [{ name: "app-2", away }]), [here]);
  assert.deepEqual(servicesOfAll([healthy], [{ name: "app-2" }]), [healthy]);
});

Deno.test("failsEverybody where a service fails this instance and all others that are there", () => {
  const facts = (state: "healthy" | "unhealthy") =>
    [["destination", { state, sinceMs: 0, reason: "no", refuses: true }]] as const;
  const ill = { leaving: false, away: [destination(EARLY)] };
  const well = { leaving: false };
  const silence = { forMs: 20_000, leaseMsLeft: 0 };
  const cases = [
    [facts("unhealthy"), [ill, ill], true],
    [facts("unhealthy"), [ill, well], false],
    [facts("unhealthy"), [ill, { ...well, leaving: true }, { ...well, silence }], true],
    [facts("unhealthy"), [], false],
    [facts("healthy"), [ill], false],
  ] as const;
  for (const [own, others, expected] of cases) assert.equal(failsEverybody(own, others), expected);
  const away = [{ ...destination(EARLY), name: "mongodb" as const }];
  assert.equal(failsEverybody(facts("unhealthy"), [{ leaving: false, away }]), false);
});
