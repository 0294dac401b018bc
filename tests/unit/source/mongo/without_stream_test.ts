import assert from "node:assert/strict";
import {
  describeWithoutStream,
  judgeWithoutStream,
  listWithoutStream,
  refusalOf,
  splitNamed,
} from "../../../../src/source/mongo/without_stream.ts";
import { fakeClient } from "../fake_client.ts";

const never = new AbortController().signal;

const { client } = fakeClient((_, database) =>
  database === "shop"
    ? [
      { name: "weather", type: "timeseries" },
      { name: "open", type: "view" },
      { name: "system.views", type: "view" },
    ]
    : [{ name: "v", type: "view" }]
);

Deno.test("listWithoutStream gives the views and time series that a filter wants", async () => {
  const all = await listWithoutStream(client, { include: [], exclude: [] }, ["shop", "crm"], never);
  assert.deepEqual(all.map(describeWithoutStream), [
    "crm.v (view)",
    "shop.open (view)",
    "shop.weather (time series)",
  ]);
  const filter = { include: ["shop.*"], exclude: ["shop.open"] };
  const some = await listWithoutStream(client, filter, ["shop", "crm"], never);
  assert.deepEqual(some.map(describeWithoutStream), ["shop.weather (time series)"]);
});

Deno.test("judgeWithoutStream refuses what is named and mentions what a pattern brings", () => {
  const found = [
    { database: "shop", collection: "weather", kind: "time series" },
    { database: "shop", collection: "open", kind: "view" },
    ...Array.from({ length: 7 }, (_, i) => ({
      ...{ database: "shop", collection: `v${i}`, kind: "view" } as const,
    })),
  ] as const;
  const split = splitNamed(found, {
    include: ["shop.weather", "shop.open", "shop.*"],
    exclude: [],
  });
  assert.deepEqual(split.named.map(refusalOf), [
    "shop.weather holds a time series, for which MongoDB has no change events: take it out of " +
    "MONGODB_COLLECTIONS",
    "shop.open is a view, which has no change events of its own: name the collections it reads " +
    "from in MONGODB_COLLECTIONS",
  ]);
  const findings = judgeWithoutStream(split);
  assert.deepEqual(findings.map(({ state }) => state), ["failed", "failed", "warning"]);
  assert.match(
    findings[2]!.text,
    /^shop\.v0 \(view\), .*shop\.v4 \(view\) and 2 more have no change events and are left out$/,
  );
  assert.deepEqual(judgeWithoutStream({ named: [], others: [] }), []);
});
