/**
 * Each BSON type in both forms: `tests/golden/bson/*.json` with the document's bytes and what becomes of them. Set
 * `UPDATE_GOLDEN=1` to write the forms anew after a change that is meant; the inputs stay.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fromHex, ourJson } from "../arbitrary_bson.ts";

interface Golden {
  readonly input: string;
  readonly relaxed: string;
  readonly canonical: string;
}

const FOLDER = new URL("../../../golden/bson/", import.meta.url);

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".json")).sort()) {
  Deno.test(`writeDocumentJson of golden/bson/${file} has not changed`, () => {
    const cases = JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as Record<string, Golden>;
    const actual = Object.fromEntries(
      Object.entries(cases).map(([name, { input }]) => [name, forms(input)]),
    );
    if (Deno.env.get("UPDATE_GOLDEN") === "1") {
      writeFileSync(new URL(file, FOLDER), JSON.stringify(actual, null, 2) + "\n");
    }
    assert.ok(Object.keys(cases).length > 0);
    assert.deepEqual(actual, cases);
  });
}

function forms(input: string): Golden {
  const bytes = fromHex(input);
  return { input, relaxed: ourJson(bytes, "relaxed"), canonical: ourJson(bytes, "canonical") };
}
