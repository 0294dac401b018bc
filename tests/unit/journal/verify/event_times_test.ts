import assert from "node:assert/strict";
import { beginsBefore, liesWithin } from "../../../../src/journal/verify/event_times.ts";
import type { Position } from "../../../../src/model/position.ts";

Deno.test("beginsBefore and liesWithin go by tokens, to the very event", () => {
  const times = { firstMs: 10_000, lastMs: 20_000, tokens: [token(10, 3), token(20, 2)] } as const;
  assert(!beginsBefore(times, at(10, 3)));
  assert(beginsBefore(times, { ...at(10, 3), data: token(10, 3) }));
  assert(beginsBefore(times, at(10, 4)));
  const last = { ...at(20, 2), data: token(20, 2) };
  assert(liesWithin(times, at(10, 3), last));
  assert(!liesWithin(times, at(10, 4), last));
  assert(!liesWithin(times, at(10, 3), at(20, 2)));
});

Deno.test("beginsBefore and liesWithin go by seconds where tokens tell nothing", () => {
  for (const tokens of [{}, { tokens: ["a", "b"] as const }]) {
    const times = { firstMs: 10_000, lastMs: 20_000, ...tokens };
    assert(beginsBefore(times, at(10, 9)));
    assert(!beginsBefore(times, at(9, 9)));
    assert(liesWithin(times, at(10, 9), at(20, 1)));
    assert(!liesWithin(times, at(11, 1), at(20, 1)));
    assert(!liesWithin(times, at(10, 1), at(19, 1)));
  }
});

function at(t: number, i: number): Position {
  return { operationTime: { t, i }, data: "" };
}

function token(t: number, i: number): string {
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, "0");
  return `82${hex(t)}${hex(i)}2B0429296E1404`;
}
