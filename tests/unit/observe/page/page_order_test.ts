import assert from "node:assert/strict";
import { SHOWN_CONDITIONS } from "../../../../src/model/stream_condition.ts";
import { FORMAT_SCRIPT } from "../../../../src/observe/page/page_format.ts";
import { ORDER_SCRIPT } from "../../../../src/observe/page/page_order.ts";
import type { StatusStream } from "../../../../src/observe/status/status_streams.ts";
import { madeUpStream } from "../../../support/made_up_status.ts";
import { pageFunctions } from "../../../support/page_functions.ts";

const { hashToView, inOrder, lakeLagOf, sortedBy, viewToHash, wantedOf } = pageFunctions(
  ["hashToView", "inOrder", "lakeLagOf", "sortedBy", "viewToHash", "wantedOf"],
  FORMAT_SCRIPT,
  ORDER_SCRIPT,
);

const error = { message: "no", at: "2026-11-29T02:13:20Z", since: "2026-11-29T02:13:20Z" };
const stream = (n: number, differs: Partial<StatusStream>) =>
  madeUpStream(n, { owner: "host-1", ...differs });
const streams = [
  stream(0, { name: "b", lakeLagSeconds: 20, lagSeconds: 1 }),
  stream(1, {
    name: "a10",
    lakeLagSeconds: null,
    lagSeconds: null,
    positionAgeSeconds: null,
  }),
  stream(2, { name: "a2", lakeLagSeconds: 900, owner: "host-7" }),
  stream(3, { name: "c", condition: "failed", error }),
  stream(4, { name: "d", condition: "paused", lakeLagSeconds: 5 }),
];
const VIEW = { text: "", group: "all", sort: "state", descending: false, open: [] };

function names(view: object, list: readonly object[] = streams): string[] {
  return inOrder!(list, { ...VIEW, ...view }).map(({ name }: { name: string }) => name);
}

Deno.test("inOrder shows trouble first, and names with numbers as people count", () => {
  assert.deepEqual(names({}), ["c", "d", "a2", "a10", "b"]);
  assert.deepEqual(names({ sort: "name" }), ["a2", "a10", "b", "c", "d"]);
  assert.deepEqual(names({ sort: "name", descending: true }), ["d", "c", "b", "a10", "a2"]);
});

Deno.test("inOrder puts what is not known last, whichever way it goes", () => {
  assert.deepEqual(names({ sort: "lake" }), ["d", "c", "b", "a2", "a10"]);
  assert.deepEqual(names({ sort: "lake", descending: true }), ["a2", "b", "c", "d", "a10"]);
  assert.equal(names({ sort: "lag", descending: true }).at(-1), "a10");
});

Deno.test("inOrder does not change what it is given, and knows each column", () => {
  const before = streams.map(({ name }) => name);
  for (const sort of ["lag", "rate", "oplog", "stored", "instance"]) {
    assert.equal(names({ sort }).length, streams.length);
  }
  assert.deepEqual(streams.map(({ name }) => name), before);
});

Deno.test("wantedOf finds by words of name and instance, by group, and by cause", () => {
  const found = (view: object, causes: readonly object[] = []) =>
    wantedOf!(streams, { ...VIEW, ...view }, causes).map(({ name }: { name: string }) => name);
  assert.deepEqual(found({ text: "A" }), ["a10", "a2"]);
  assert.deepEqual(found({ text: " host-7  a " }), ["a2"]);
  assert.deepEqual(found({ text: "nothing" }), []);
  assert.deepEqual(found({ group: "trouble" }), ["c"]);
  assert.deepEqual(found({ group: "behind" }), ["a2"]);
  assert.deepEqual(found({ group: "paused" }), ["d"]);
  assert.deepEqual(found({ group: "well" }), ["b", "a10"]);
  const causes = [{ id: "x", streams: ["b", streams[4]!.key] }];
  assert.deepEqual(found({ group: "cause:x" }, causes), ["b", "d"]);
  // A cause that has gone hides nothing.
  assert.equal(found({ group: "cause:gone" }, causes).length, streams.length);
});

Deno.test("lakeLagOf makes do with what an older version tells", () => {
  const older = (differs: object) =>
    lakeLagOf!({ ...streams[0], lakeLagSeconds: undefined, positionAgeSeconds: 600, ...differs });
  assert.equal(lakeLagOf!(streams[0]), 20);
  // All that was read is stored: it is as old as what is read.
  assert.equal(older({ lagSeconds: 3, bufferedEvents: 0 }), 3);
  assert.equal(older({ lagSeconds: 3, bufferedEvents: 9 }), 600);
  assert.equal(older({ lagSeconds: null, bufferedEvents: null }), 600);
});

Deno.test("viewToHash and hashToView are each other's reverse, and shrug at what they do not know", () => {
  const view = { text: "a b&c=#", group: "behind", sort: "lake", descending: true, open: ["log"] };
  assert.deepEqual(hashToView!(`#${viewToHash!(view)}`), view);
  assert.equal(viewToHash!(VIEW), "");
  assert.deepEqual(hashToView!(""), VIEW);
  assert.deepEqual(hashToView!("#streams"), VIEW);
  assert.deepEqual(hashToView!("#sort=-constructor&show=toString&open=%3Cb%3E,x1"), VIEW);
});

Deno.test("sortedBy turns round what is in order already", () => {
  const first = sortedBy!(VIEW, "lake");
  assert.deepEqual([first.sort, first.descending], ["lake", true]);
  assert.equal(sortedBy!(first, "lake").descending, false);
  assert.equal(sortedBy!(first, "name").descending, false);
});

Deno.test("the page has words and an order for each condition that a stream is shown with", () => {
  const names = pageFunctions(["CONDITIONS", "CONDITION_ORDER"], FORMAT_SCRIPT, ORDER_SCRIPT);
  const { CONDITIONS, CONDITION_ORDER } = names as unknown as {
    readonly CONDITIONS: object;
    readonly CONDITION_ORDER: readonly string[];
  };
  assert.deepEqual(Object.keys(CONDITIONS).sort(), [...SHOWN_CONDITIONS].sort());
  assert.deepEqual([...CONDITION_ORDER].sort(), [...SHOWN_CONDITIONS].sort());
});
