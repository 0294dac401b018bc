import assert from "node:assert/strict";
import fc from "fast-check";
import { clusterTimeOfToken, compareClusterTimes } from "../../../../src/model/cluster_time.ts";
import { highWaterToken, tokenData } from "../../../../src/source/memory/memory_token.ts";

const UUID = "815E0774C40E437EB163288DEA021C61";
const u32 = fc.nat(0xffffffff);

Deno.test("tokenData and highWaterToken write what MongoDB 6.0 writes", () => {
  const time = { t: 0x6b00fa67, i: 8 };
  assert.equal(
    tokenData({ time, fromInvalidate: false, uuid: UUID, id: "6B00FA67F0D5A635A3C1882D" }),
    `826B00FA67000000082B022C0100296E5A1004${UUID}46645F696400646B00FA67F0D5A635A3C1882D0004`,
  );
  assert.equal(
    tokenData({ time, fromInvalidate: true, uuid: UUID }),
    `826B00FA67000000082B022C0100296F5A1004${UUID}04`,
  );
  assert.equal(tokenData({ time, fromInvalidate: true }), "826B00FA67000000082B022C0100296F04");
  assert.equal(highWaterToken(time), "826B00FA67000000082B0229296E04");
});

Deno.test("tokens sort by time, and at one time: high water, event, invalidate", () => {
  fc.assert(fc.property(u32, u32, u32, u32, (t1, i1, t2, i2) => {
    const a = { t: t1, i: i1 };
    const b = { t: t2, i: i2 };
    const event = tokenData({ time: a, fromInvalidate: false, uuid: UUID });
    assert.deepEqual(clusterTimeOfToken(event), a);
    assert.ok(highWaterToken(a) < event);
    assert.ok(event < tokenData({ time: a, fromInvalidate: true, uuid: UUID }));
    const later = highWaterToken(b);
    if (compareClusterTimes(a, b) < 0) assert.ok(event < later);
    else assert.ok(later < event);
  }));
});
