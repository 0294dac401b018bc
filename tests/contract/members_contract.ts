/** What every list of members must do, whatever it is kept in. */
import assert from "node:assert/strict";
import type { Member, MemberInfo, Members } from "../../src/coordinate/members.ts";
import type { DefineFleetTest } from "../support/fleets.ts";

const LONG_MS = 600_000;

const A: Member = {
  owner: "host-a-1",
  instance: "a, the first",
  version: "0.1.0",
  recordVersion: 2,
  address: "10.0.0.1:8080",
  since: "2026-11-21T00:00:00.000Z",
  streams: ["collection.shop.orders", "database.b%2Fä"],
  failed: 0,
  isLeaving: false,
};
const { address: _, recordVersion: __, ...common } = A;
const B: Member = { ...common, owner: "host-b-2", streams: [], failed: 2, isLeaving: true };

interface UnderTest {
  readonly members: Members;
  /** The same members as another instance sees them. */
  readonly other: Members;
  readonly changes: () => Promise<string>;
  /** Is over while the test waits for it. */
  readonly shortMs: number;
}

type Define = (what: string, run: (under: UnderTest) => Promise<void>) => void;

/** What they tell of themselves. */
async function listed(members: Members): Promise<Member[]> {
  return (await members.list()).map(({ leftMs: _, ...member }: MemberInfo) => member);
}

export function testMembersContract(define: DefineFleetTest): void {
  const test: Define = (what, run) =>
    define(
      `members: ${what}`,
      ({ one, other, shortMs = 20 }) =>
        run({
          members: one.members,
          other: other.members,
          changes: () => other.changes(),
          shortMs,
        }),
    );

  testSilence(test);

  test("members see each other as they announced themselves", async ({ members, other }) => {
    assert.deepEqual(await listed(members), []);
    await other.announce(B, LONG_MS);
    await members.announce(A, LONG_MS);
    assert.deepEqual(await listed(members), [A, B]);
    assert.deepEqual(await listed(other), [A, B]);
    await members.announce({ ...A, streams: [] }, LONG_MS);
    assert.deepEqual(await listed(other), [{ ...A, streams: [] }, B]);
  });

  test("a member that leaves is gone at once, and may come back", async ({ members, other }) => {
    await members.announce(A, LONG_MS);
    await members.leave(A.owner);
    await members.leave(A.owner);
    assert.deepEqual(await listed(other), []);
    await members.announce(A, LONG_MS);
    assert.deepEqual(await listed(other), [A]);
  });

  test("joining, telling something new and leaving are news, heartbeats are not", async (under) => {
    const { members, changes } = under;
    const seen = new Set([await changes()]);
    const assertNews = async (isNews: boolean) => {
      const text = await changes();
      assert.equal(!seen.has(text), isNews, text);
      seen.add(text);
    };
    await members.announce(A, LONG_MS);
    await assertNews(true);
    await members.announce(A, LONG_MS);
    await assertNews(false);
    await members.announce({ ...A, failed: 1 }, LONG_MS);
    await assertNews(true);
    await members.leave(A.owner);
    await assertNews(true);
    await members.leave(A.owner);
    await assertNews(false);
  });
}

function testSilence(test: Define): void {
  test("each member tells how long it is there without announcing itself again", async (under) => {
    const { members, other } = under;
    const left = async () => (await other.list()).map(({ leftMs }) => leftMs);
    await members.announce(A, LONG_MS);
    const [first] = await left();
    assert(first! > LONG_MS / 2 && first! <= LONG_MS, String(first));
    await members.announce(A, LONG_MS / 4);
    const [second] = await left();
    assert(second! > LONG_MS / 8 && second! <= LONG_MS / 4, String(second));
  });

  test("a member that falls silent is forgotten, and may come back", async (under) => {
    const { members, other, shortMs } = under;
    await members.announce(A, shortMs);
    await other.announce(B, LONG_MS);
    for (let list = [A, B]; list.length > 1;) list = await listed(other);
    assert.deepEqual(await listed(other), [B]);
    await members.announce(A, LONG_MS);
    assert.deepEqual(await listed(other), [A, B]);
  });

  test("announcing again keeps a member alive", async ({ members, other, shortMs }) => {
    await members.announce(A, shortMs);
    await members.announce(A, LONG_MS);
    await other.announce(B, shortMs);
    for (let list = [A, B]; list.length > 1;) list = await listed(other);
    assert.deepEqual(await listed(other), [A]);
  });
}
