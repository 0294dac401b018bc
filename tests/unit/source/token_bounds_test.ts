import assert from "node:assert/strict";
import fc from "fast-check";
import {
  asEnd,
  compareTokens,
  positionAfterTime,
  positionAfterToken,
  positionAt,
  TOKEN_VERSION_END,
} from "../../../src/model/position.ts";
import { highWaterToken, tokenData } from "../../../src/source/memory/memory_token.ts";
import type { Query } from "../../../src/source/namespace_match.ts";
import { tokenBounds } from "../../../src/source/token_bounds.ts";

const HEX = "0123456789ABCDEF";

/** Tokens of a few times, collections and documents, of both versions, so that many are alike. */
const tokens = fc.record({
  t: fc.integer({ min: 1, max: 2 }),
  i: fc.constantFrom(1, 2, 255, 256),
  uuid: fc.constantFrom("0", "9", "F"),
  id: fc.constantFrom(undefined, "0", "8", "F"),
  fromInvalidate: fc.boolean(),
  version: fc.constantFrom("2B02", "2B04"),
}).map(({ t, i, uuid, id, fromInvalidate, version }) => {
  const parts = { time: { t, i }, fromInvalidate, uuid: uuid.repeat(32) };
  const data = tokenData(id === undefined ? parts : { ...parts, id: id.repeat(24) });
  return inVersion(data, version);
});

function inVersion(data: string, version: string): string {
  return data.slice(0, TOKEN_VERSION_END - 4) + version + data.slice(TOKEN_VERSION_END);
}

Deno.test("tokenBounds leaves out exactly what compareTokens says is not after the position", () => {
  fc.assert(
    fc.property(tokens, tokens, (from, token) => {
      const isLeftOut = !passes(tokenBounds(positionAfterToken(from), undefined), token);
      const isSameTime = from.slice(0, 18) === token.slice(0, 18);
      // Opened at the position's time, nothing of a time before comes.
      assert.equal(
        isLeftOut,
        isSameTime && compareTokens(token, from) <= 0,
        `${token} after ${from}`,
      );
    }),
    { numRuns: 2000 },
  );
});

Deno.test("tokenBounds lets nothing pass after the end in the version of its token, and all up to it", () => {
  fc.assert(
    fc.property(tokens, tokens, (through, token) => {
      const isOther = through.slice(18, 22) !== token.slice(18, 22);
      if (isOther && through.slice(0, 18) === token.slice(0, 18)) return;
      const isPassed = passes(
        tokenBounds(positionAt({ t: 1, i: 1 }), positionAfterToken(through)),
        token,
      );
      assert.equal(isPassed, compareTokens(token, through) <= 0, `${token} through ${through}`);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("tokenBounds has nothing to leave out at an inclusive start, behind an invalidate, or at an invented position", () => {
  assert.equal(tokenBounds(positionAt({ t: 1, i: 1 }), undefined), undefined);
  assert.equal(tokenBounds(positionAfterTime({ t: 1, i: 1 }), undefined), undefined);
  assert.equal(tokenBounds(asEnd(positionAt({ t: 1, i: 1 })), undefined), undefined);
  const token = tokenData({ time: { t: 1, i: 1 }, fromInvalidate: true });
  const from = { ...positionAfterToken(token), invalidate: true as const };
  assert.equal(tokenBounds(from, undefined), undefined);
});

Deno.test("tokenBounds lets all events of a time pass that a high-water mark stands for", () => {
  const bounds = tokenBounds(positionAfterToken(highWaterToken({ t: 1, i: 1 })), undefined);
  for (const id of HEX) {
    const data = tokenData({
      time: { t: 1, i: 1 },
      fromInvalidate: false,
      uuid: id.repeat(32),
      id: id.repeat(24),
    });
    assert.ok(passes(bounds, data));
    assert.ok(passes(bounds, inVersion(data, "2B04")));
  }
});

/** Whether a token passes, by the rules of MongoDB for these operators on strings. */
function passes(bounds: Query | undefined, token: string): boolean {
  const { $and = [] } = bounds as { $and?: { $or: { "_id._data": Record<string, string> }[] }[] } ??
    {};
  return $and.every(({ $or }) =>
    $or.some(({ "_id._data": condition }) =>
      Object.entries(condition).every(([operator, value]) => {
        if (operator === "$gt") return token > value;
        if (operator === "$lt") return token < value;
        assert.equal(operator, "$lte");
        return token <= value;
      })
    )
  );
}
