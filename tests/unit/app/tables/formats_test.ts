import assert from "node:assert/strict";
import { formatsOf, openFormat } from "../../../../src/app/tables/formats.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { LakeWorld } from "../../../support/lake_world.ts";

Deno.test("verbs are about the formats that are kept, or Delta's where none is", () => {
  assert.deepEqual(formatsOf({ tables: ["iceberg"] }), ["iceberg"]);
  assert.deepEqual(formatsOf({ tables: [] }), ["delta"]);
});

Deno.test("each format is opened with a log of its own", async () => {
  const { clock, random, destination } = new LakeWorld();
  const parts = {
    config: { tableWriters: "ours" as const },
    tools: { clock, random, log: silentLog, hostName: "h" },
    places: { lake: destination, destination },
  };
  for (const format of ["delta", "iceberg"] as const) {
    const open = openFormat(format, parts);
    assert.deepEqual([open.format, await open.isThere("a"), await open.open("a")], [
      format,
      false,
      undefined,
    ]);
  }
});
