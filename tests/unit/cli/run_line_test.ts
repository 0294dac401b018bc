import assert from "node:assert/strict";
import { runLine } from "../../../src/cli/run_line.ts";

Deno.test("runLine names the files that the settings are in, and says no other flag again", () => {
  const line = (flags: Record<string, string>) => runLine(new Map(Object.entries(flags)));
  assert.equal(line({}), "tributary run");
  assert.equal(line({ config: "lake.yaml" }), "tributary run --config lake.yaml");
  assert.equal(
    line({ "env-file": "/etc/a b's.env", "config": "x.yaml" }),
    "tributary run --config x.yaml --env-file '/etc/a b'\\''s.env'",
  );
  assert.equal(
    line({ "config": "x.yaml", "mongodb-uri": "mongodb://u:hunter22@h/" }),
    "tributary run --config x.yaml, with the other flags of this check",
  );
});
