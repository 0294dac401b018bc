import assert from "node:assert/strict";
import { positionAfterToken, positionAt } from "../../../src/model/position.ts";
import { resolvePoint } from "../../../src/operate/point.ts";
import { LakeWorld, OPLOG_SECONDS_FIRST, ORDERS } from "../../support/lake_world.ts";
import { operatorParts } from "../../support/operator_parts.ts";

Deno.test("resolvePoint finds the position that a person names", async () => {
  const world = new LakeWorld();
  world.pass(100);
  world.insert(2);
  const parts = operatorParts(world);
  const t = OPLOG_SECONDS_FIRST + 50;
  const token = world.oplog.entries[0]!.data;
  const resolve = (point: Parameters<typeof resolvePoint>[2]) => resolvePoint(parts, ORDERS, point);
  assert.deepEqual(await resolve({ kind: "time", seconds: t }), positionAt({ t, i: 1 }));
  assert.deepEqual(
    await resolve({ kind: "operation", time: { t, i: 7 } }),
    positionAt({ t, i: 7 }),
  );
  assert.deepEqual(await resolve({ kind: "token", data: token }), positionAfterToken(token));
  assert.deepEqual((await resolve({ kind: "now" })).operationTime, world.oplog.operationTime);
  assert.equal((await resolve({ kind: "earliest" })).operationTime.t, OPLOG_SECONDS_FIRST);
});

Deno.test("resolvePoint refuses what the server has not reached", async () => {
  const parts = operatorParts(new LakeWorld());
  const point = { kind: "time", seconds: OPLOG_SECONDS_FIRST + 1 } as const;
  await assert.rejects(
    resolvePoint(parts, ORDERS, point),
    /Cannot take 2026-11-2\dT.*Z \(\d+\.1\) as a position: the server's last operation is of/,
  );
});
