import assert from "node:assert/strict";
import {
  isShortOfOplog,
  oplogHeadroomSeconds,
  oplogWindowSeconds,
  secondsSince,
} from "../../../../src/observe/status/lag.ts";
import { StreamBoard } from "../../../../src/observe/status/stream_board.ts";
import { ORDERS } from "../../../support/monitor.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const reach = { operationTime: { t: 2000, i: 1 }, oldestOplogTime: { t: 1000, i: 1 } };

Deno.test("secondsSince is never negative, and unknown of an unknown time", () => {
  assert.equal(secondsSince({ t: 10, i: 7 }, 12_500), 2.5);
  assert.equal(secondsSince({ t: 20, i: 7 }, 12_500), 0);
  assert.equal(secondsSince(undefined, 12_500), undefined);
});

Deno.test("oplogWindowSeconds and oplogHeadroomSeconds are unknown where the server does not say", () => {
  assert.equal(oplogWindowSeconds(reach), 1000);
  assert.equal(oplogWindowSeconds({ operationTime: reach.operationTime }), undefined);
  assert.equal(oplogWindowSeconds(undefined), undefined);
  assert.equal(oplogHeadroomSeconds({ t: 1300, i: 1 }, reach), 300);
  assert.equal(oplogHeadroomSeconds({ t: 900, i: 1 }, reach), 0);
  assert.equal(oplogHeadroomSeconds(undefined, reach), undefined);
  // Of one that is young, and nothing has fallen out of.
  const whole = { ...reach, isOplogWhole: true } as const;
  assert.equal(oplogHeadroomSeconds({ t: 1000, i: 1 }, whole), undefined);
  assert.equal(oplogWindowSeconds(whole), 1000);
});

Deno.test("isShortOfOplog sees a stream in the oldest tenth of the oplog", () => {
  const board = new StreamBoard(new VirtualClock());
  const at = (t: number) => {
    const position = { operationTime: { t, i: 1 }, data: "" };
    board.take(ORDERS, { type: "journal-opened", seq: 1, position });
    return isShortOfOplog(board.stream(ORDERS.key)!, reach);
  };
  assert.equal(at(1099), true);
  assert.equal(at(1100), false);
  assert.equal(isShortOfOplog(board.stream(ORDERS.key)!, undefined), false);
});
