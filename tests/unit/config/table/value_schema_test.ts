import assert from "node:assert/strict";
import { setting, SETTING_NAMES } from "../../../../src/config/table/schema.ts";
import { valueSchema } from "../../../../src/config/table/value_schema.ts";

Deno.test("valueSchema takes the default of every setting that has one, and nothing that is no value at all", () => {
  for (const name of SETTING_NAMES) {
    const { kind, default: text } = setting(name);
    const schema = valueSchema(kind);
    if (text !== undefined) assert.equal(schema.safeParse(kind.fromText(text)).success, true, name);
    for (const other of [null, undefined, {}]) {
      assert.equal(schema.safeParse(other).success, false, name);
    }
  }
});
