import assert from "node:assert/strict";
import { statementsText, wordsOf } from "../../../../../src/cli/text/tables/engine_words.ts";

Deno.test("wordsOf quotes an address", () => {
  assert.deepEqual(wordsOf({ name: "a", url: "s3://lake/it's/" }), {
    ...{ address: "s3://lake/it's", quoted: "'s3://lake/it''s'", spark: "'s3a://lake/it\\'s'" },
    events: "a_events",
  });
  assert.equal(wordsOf({ name: "a", url: "file:///lake/a/" }).address, "/lake/a");
});

Deno.test("statementsText has a section for each engine, below what the views do not see", () => {
  const text = statementsText([["A", "x;"], ["B", "y;"]], undefined);
  assert.match(text, /^\n-- The views do not see [^]*\n\n-- A\nx;\n\n-- B\ny;\n$/);
});
