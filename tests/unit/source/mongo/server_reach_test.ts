import assert from "node:assert/strict";
import { type Document, Timestamp } from "mongodb";
import { ServerReach } from "../../../../src/source/mongo/server_reach.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";
import { fakeClient, serverError } from "../fake_client.ts";

const NEVER = new AbortController().signal;

/** A member whose time goes on with each greeting, and whose oplog loses its oldest entry each time that it is asked for. */
function member(choice: { readonly refuses?: true; readonly isRouter?: true } = {}) {
  let [now, oldest] = [100, 5];
  return fakeClient((command: Document) => {
    if (command["hello"] !== undefined) {
      const operationTime = new Timestamp({ t: now++, i: 1 });
      return { ...choice.isRouter ? { msg: "isdbgrid" } : { setName: "rs0" }, operationTime };
    }
    assert.equal(command["find"], "oplog.rs");
    if (choice.refuses) throw serverError(13);
    return { cursor: { firstBatch: [{ ts: new Timestamp({ t: oldest++, i: 1 }) }] } };
  });
}

Deno.test("ServerReach asks each time how far the server is, and how far back its oplog reaches now and then", async () => {
  const clock = new VirtualClock();
  const { client, sent } = member();
  const reach = new ServerReach(client, clock);
  const first = { operationTime: { t: 100, i: 1 }, oldestOplogTime: { t: 5, i: 1 } };
  assert.deepEqual(await reach.ask(NEVER), first);
  await clock.advance(9_000);
  assert.deepEqual(await reach.ask(NEVER), { ...first, operationTime: { t: 101, i: 1 } });
  assert.equal(sent.length, 3);
  await clock.advance(1_000);
  assert.deepEqual((await reach.ask(NEVER)).oldestOplogTime, { t: 6, i: 1 });
});

Deno.test("ServerReach leaves out how far back the oplog reaches where that is not to be had", async () => {
  for (const choice of [{ refuses: true }, { isRouter: true }] as const) {
    const reach = new ServerReach(member(choice).client, new VirtualClock());
    assert.deepEqual(await reach.ask(NEVER), { operationTime: { t: 100, i: 1 } });
  }
});
