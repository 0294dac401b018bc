import assert from "node:assert/strict";
import { Reservation } from "../../../../src/pipeline/read/reservation.ts";
import { RoomLine } from "../../../../src/pipeline/read/room_line.ts";

const NEVER = new AbortController().signal;

/** A room of so many bytes, and what it was told. */
function scene(freeBytes: number) {
  const told: string[] = [];
  const room = { freeBytes };
  const line: RoomLine = new RoomLine({
    tryTake: (bytes) => {
      if (bytes > room.freeBytes) return undefined;
      room.freeBytes -= bytes;
      return new Reservation(bytes, (more) => {
        room.freeBytes -= more;
        line.admit();
      });
    },
    lacks: (bytes) => void told.push(`lacks ${bytes}`),
    spare: () => void told.push("spare"),
  });
  return { room, line, told };
}

Deno.test("RoomLine lets nobody overtake the first, who says what is lacking", async () => {
  const { line, told } = scene(10);
  const order: string[] = [];
  const held = await line.take(8, NEVER);
  const big = line.take(6, NEVER).then(() => order.push("big"));
  const small = line.take(1, NEVER).then(() => order.push("small"));
  assert.equal(line.takeAtOnce(1), undefined);
  await Promise.resolve();
  assert.deepEqual(order, []);
  assert.deepEqual(told, ["lacks 6", "lacks 1"]);
  held.resize(7);
  assert.deepEqual(told.splice(0), ["lacks 6", "lacks 1", "lacks 6"]);
  held.release();
  await Promise.all([big, small]);
  assert.deepEqual(order, ["big", "small"]);
  assert.deepEqual(told, ["spare"]);
});

Deno.test("RoomLine lets pass those behind one who gives up", async () => {
  const { room, line, told } = scene(10);
  const abort = new AbortController();
  await line.take(8, NEVER);
  const big = line.take(6, abort.signal);
  const small = line.take(1, NEVER);
  abort.abort(new Error("enough"));
  await assert.rejects(big, /enough/);
  await small;
  assert.equal(room.freeBytes, 1);
  assert.equal(told.at(-1), "spare");
  await assert.rejects(line.take(2, abort.signal), /enough/);
  assert.equal(line.takeAtOnce(1)?.bytes, 1);
});

Deno.test("RoomLine does not hear of an abort once somebody is let in", async () => {
  const { room, line } = scene(10);
  const abort = new AbortController();
  const held = await line.take(10, NEVER);
  const waiting = line.take(4, abort.signal);
  held.release();
  const room4 = await waiting;
  abort.abort();
  assert.deepEqual([room4.bytes, room.freeBytes], [4, 6]);
});
