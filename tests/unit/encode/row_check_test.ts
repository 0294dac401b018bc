import assert from "node:assert/strict";
import { valueFault } from "../../../src/encode/row_check.ts";

Deno.test("valueFault finds what no column can hold", () => {
  const cases: [string, unknown, RegExp | undefined][] = [
    ["operation", "insert", undefined],
    ["operation", "", /is empty/],
    ["operation", null, /is null/],
    ["operation", 7, /is no text/],
    ["database", "a\0b", /zero byte/],
    ["collection", null, undefined],
    ["resume_token", "", /is empty/],
    ["cluster_time", 1_795_194_000_000, undefined],
    ["cluster_time", "2026-11-20T17:00:00.000Z", undefined],
    ["cluster_time", 0, /which is no time/],
    ["cluster_time", "yesterday", /"yesterday", which is no time/],
    ["wall_time", null, undefined],
    ["wall_time", -5, undefined],
    ["cluster_increment", 1, undefined],
    ["cluster_increment", -1, /is -1/],
    ["cluster_increment", "1", /is 1/],
    ["full_document", '{"a":1}', undefined],
    ["full_document", '{"a":', /is not JSON/],
    ["full_document", null, undefined],
    ["a_later_column", Symbol.iterator, undefined],
  ];
  for (const [name, value, fault] of cases) {
    const found = valueFault(name, value);
    if (fault === undefined) assert.equal(found, undefined, name);
    else assert.match(found ?? "", fault, name);
  }
});
