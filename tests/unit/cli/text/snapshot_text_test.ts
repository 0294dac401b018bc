import assert from "node:assert/strict";
import {
  type ShownSnapshot,
  sizeText,
  snapshotJson,
  snapshotsText,
} from "../../../../src/cli/text/snapshot_text.ts";

const RUNNING: ShownSnapshot = {
  ...{ id: "collection.shop.orders.asked-2", name: "shop.orders", reason: "asked" },
  ...{ streamKey: "collection.shop.orders", state: "running", where: null, dueSince: "now" },
  isFiltered: false,
  ...{ endedAt: null, documentsRead: 1_250_000, documentsExpected: 5_000_000 },
  ...{ documentsPerSecond: 12_499.9, bytesStored: 300 << 20, ranges: { closed: 0, of: 2 } },
};

Deno.test("snapshotsText() has a line for each, with what is left", () => {
  const due: ShownSnapshot = {
    ...{ ...RUNNING, id: "database.crm.initial", name: "database:crm", state: "due" },
    ...{ documentsRead: 0, documentsExpected: null, documentsPerSecond: null, bytesStored: 0 },
  };
  assert.equal(
    snapshotsText([RUNNING, due]),
    "SNAPSHOT              STATE    READ  DOCUMENTS   OF ABOUT   STORED  A SECOND    LEFT\n" +
      "shop.orders asked-2   running   25%  1,250,000  5,000,000  300 MiB    12,500  5m 00s\n" +
      "database:crm initial  due         -          0          -      0 B         -       -\n",
  );
});

Deno.test("snapshotsText() guesses no share of a filter, and names it", () => {
  const filtered = { ...RUNNING, where: `{"a":1}`, isFiltered: true };
  const [, line, filter] = snapshotsText([filtered]).split("\n");
  assert.match(line!, /running +- +1,250,000 /);
  assert.equal(filter, `shop.orders asked-2 has only documents that fit {"a":1}`);
  const { share, secondsLeft } = snapshotJson(filtered);
  assert.deepEqual([share, secondsLeft], [null, null]);
  assert.deepEqual(snapshotJson(RUNNING).share, 0.25);
});

Deno.test("snapshotsText() says what nobody reads, and how to go on", () => {
  const [, , note] = snapshotsText([{ ...RUNNING, isLeft: true }]).split("\n");
  assert.match(note!, /^shop\.orders asked-2 is read by nobody: .*`tributary snapshot start`/);
});

Deno.test("sizeText() is short", () => {
  const texts = [0, 1023, 1536, 200 * 1024, 5 * 1024 ** 4].map(sizeText);
  assert.deepEqual(texts, ["0 B", "1023 B", "1.5 KiB", "200 KiB", "5.0 TiB"]);
});
