import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import { deltaExtension } from "../../scripts/services/delta_extension.ts";
import { type Fence, type Page, readPages, situationOf } from "../support/docs/pages.ts";
import { SYMPTOMS } from "../support/docs/symptoms.ts";
import { type DocsWorld, openDocsWorld, SITUATIONS } from "../support/docs/world.ts";

/** Blocks of a page that share a world: all that are run beside one copy; any other has one of its own. */
function groupsOf({ fences }: Page): { situation: string; fences: Fence[] }[] {
  const live = fences.filter((fence) => situationOf(fence) === "live");
  const others = fences.filter((fence) => {
    const situation = situationOf(fence);
    // Those are run by first_steps_test.ts.
    return situation !== undefined && situation !== "live" && !(situation in SYMPTOMS);
  });
  return [
    ...(live.length === 0 ? [] : [{ situation: "live", fences: live }]),
    ...others.map((fence) => ({ situation: situationOf(fence)!, fences: [fence] })),
  ];
}

async function runFence(world: DocsWorld, fence: Fence): Promise<void> {
  if (fence.language === "sql") return await runSql(world.sql(fence.text), fence.place);
  const run = situationOf(fence) === "program" ? "program" : "shell";
  const { code, output } = await world[run](fence.text);
  const expected = fence.marks.find((mark) => mark.startsWith("exit="))?.slice("exit=".length);
  assert.equal(code, Number(expected ?? 0), `${fence.place}: ${fence.text}\n${output}`);
}

async function runSql(statement: string, place: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { allow_unsigned_extensions: "true" });
  const connection = await instance.connect();
  try {
    // Not from where DuckDB gets it: tests reach package registries alone.
    const load = /^INSTALL delta; LOAD delta;/;
    if (load.test(statement)) await connection.run(`LOAD '${await deltaExtension()}'`);
    const reader = await connection.runAndReadAll(statement.replace(load, ""));
    assert(reader.getRowObjectsJS().length > 0, `${place}: no rows`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

for (const page of readPages()) {
  for (const { situation, fences } of groupsOf(page)) {
    const name = fences.length === 1 ? fences[0]!.place : page.path;
    Deno.test(`the commands of ${name} do what they say (${situation})`, async () => {
      assert(SITUATIONS.includes(situation), situation);
      await using world = await openDocsWorld(situation);
      for (const fence of fences) await runFence(world, fence);
    });
  }
}
