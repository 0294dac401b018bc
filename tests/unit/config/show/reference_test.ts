import assert from "node:assert/strict";
import { configurationPage } from "../../../../src/config/show/reference.ts";
import { SETTING_NAMES } from "../../../../src/config/table/schema.ts";

Deno.test("configurationPage has a row for every setting", () => {
  const page = configurationPage();
  for (const name of SETTING_NAMES) assert(page.includes(`| \`${name}\`<br>`), name);
});

Deno.test("docs/configuration.md is what configurationPage says; else run scripts/docs.ts", () => {
  const file = new URL("../../../../docs/configuration.md", import.meta.url);
  assert.equal(Deno.readTextFileSync(file), configurationPage());
});
