import assert from "node:assert/strict";
import { meaningOfCode } from "../../../../src/source/mongo/server_error_codes.ts";

Deno.test("meaningOfCode knows the codes that a change stream meets", () => {
  const table: [number, string][] = [
    ...[6, 7, 43, 63, 89, 91, 133, 136, 150, 175, 189, 234, 237, 262].map(transient),
    ...[9001, 10107, 11600, 11602, 13388, 13435, 13436].map(transient),
    [260, "history-lost"],
    [280, "history-lost"],
    [286, "history-lost"],
    [47, "image-missing"],
    [10334, "too-large"],
    [18, "authentication"],
    [13, "authorization"],
    [40573, "needs-replica-set"],
    [40324, "bad-pipeline"],
    [2, "bad-pipeline"],
    [20, "bad-pipeline"],
    [9, "bad-token"],
    [40649, "bad-token"],
    [40415, "bad-option"],
    [166, "view"],
    [73, "internal-namespace"],
  ];
  for (const [code, meaning] of table) assert.equal(meaningOfCode(code, []), meaning, String(code));
});

Deno.test("meaningOfCode takes an unknown assertion as permanent unless a label says otherwise", () => {
  assert.equal(meaningOfCode(7_654_321, []), "permanent");
  assert.equal(meaningOfCode(7_654_321, ["ResumableChangeStreamError"]), "transient");
  assert.equal(meaningOfCode(7_654_321, ["NonResumableChangeStreamError"]), "permanent");
  assert.equal(meaningOfCode(9_999, []), "transient");
  assert.equal(meaningOfCode(undefined, []), "transient");
});

function transient(code: number): [number, string] {
  return [code, "transient"];
}
