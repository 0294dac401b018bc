import assert from "node:assert/strict";
import { findWithoutStream } from "../../../src/app/without_stream.ts";
import type { Watch } from "../../../src/config/config.ts";

const never = new AbortController().signal;

Deno.test("findWithoutStream looks where the settings do, and tells what they name from what they bring", async () => {
  const asked: unknown[] = [];
  const source = {
    listWithoutStream: (_: unknown, databases: readonly string[] | undefined) => {
      asked.push(databases);
      return Promise.resolve([
        { database: "shop", collection: "v", kind: "view" as const },
        { database: "shop", collection: "w", kind: "view" as const },
      ]);
    },
  };
  const filter = (...include: string[]) => ({ include, exclude: [] });
  const level = { level: "collection", collections: [], listing: true } as const;
  const watches: Watch[] = [
    { level: "deployment", filter: filter() },
    { level: "deployment", filter: filter("shop.v", "crm.*") },
    { level: "deployment", filter: filter("s*.v") },
    { level: "database", database: "shop", filter: filter() },
    { ...level, filter: filter("shop.v", "shop.*") },
  ];
  const named: string[][] = [];
  for (const watch of watches) {
    const found = await findWithoutStream(source, watch, never);
    named.push(found.named.map(({ collection }) => collection));
    assert.equal(found.named.length + found.others.length, 2);
  }
  assert.deepEqual(asked, [undefined, ["shop", "crm"], undefined, ["shop"], ["shop"]]);
  assert.deepEqual(named, [[], ["v"], [], [], ["v"]]);
});
