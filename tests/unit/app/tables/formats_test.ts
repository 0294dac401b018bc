import assert from "node:assert/strict";
import { openFormat, openFormats } from "../../../../src/app/tables/formats.ts";
import type { TableFormat } from "../../../../src/model/table_format.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { LakeWorld } from "../../../support/lake_world.ts";

function partsOf() {
  const { clock, random, destination } = new LakeWorld();
  return {
    config: { tableWriters: "ours" as const },
    tools: { clock, random, log: silentLog, hostName: "h" },
    places: { lake: destination, destination },
  };
}

Deno.test("verbs are about the formats that are kept, or Delta's where none is", () => {
  const { config, tools, places } = partsOf();
  const { signal } = new AbortController();
  const formatsOf = (tables: readonly TableFormat[]) =>
    openFormats({ ...config, tables }, { tools, signal }, places).map(({ format }) => format);
  assert.deepEqual(formatsOf(["iceberg"]), ["iceberg"]);
  assert.deepEqual(formatsOf([]), ["delta"]);
});

Deno.test("each format is opened with a log of its own", async () => {
  const parts = partsOf();
  for (const format of ["delta", "iceberg"] as const) {
    const open = openFormat(format, parts);
    assert.deepEqual([open.format, await open.isThere("a"), await open.open("a")], [
      format,
      false,
      undefined,
    ]);
  }
});
