import assert from "node:assert/strict";
import type { Position } from "../../../../src/model/position.ts";
import { cameLater } from "../../../../src/pipeline/collections/came_later.ts";

const ORDERS = { level: "collection", database: "shop", collection: "orders" } as const;

function at(i: number): Position {
  return { operationTime: { t: 7, i }, data: "" };
}

Deno.test("cameLater is of targets that begin behind the selection", async () => {
  const of = (start: Position | undefined, selection: Position | undefined) =>
    cameLater({ readStart: () => Promise.resolve(start) }, selection, ORDERS);
  assert.equal(await of(at(3), at(2)), true);
  assert.equal(await of(at(2), at(2)), false, "it was there");
  assert.equal(await of(at(1), at(2)), false);
  assert.equal(await of(undefined, at(2)), false);
  assert.equal(await of(at(3), undefined), false, "no patterns");
});
