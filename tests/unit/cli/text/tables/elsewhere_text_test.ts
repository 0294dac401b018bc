import assert from "node:assert/strict";
import { elsewhereText } from "../../../../../src/cli/text/tables/elsewhere_text.ts";

Deno.test("elsewhereText says what is not in a table, and what to do", () => {
  const name = { database: "shop", collection: "a/b" };
  assert.equal(elsewhereText(name, 0), "");
  assert.match(
    elsewhereText(name, 1),
    /^Not in it: 1 object in other folders .*`tributary snapshot start shop\.a\/b`/,
  );
  assert.match(elsewhereText(name, 2), /2 objects/);
});
