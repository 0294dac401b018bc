import assert from "node:assert/strict";
import { configJsonSchema } from "../../../../src/config/show/json_schema.ts";
import { runFake } from "../../../support/fake_host.ts";

Deno.test("configSchema prints the JSON Schema", async () => {
  const { code, stdout } = await runFake("config schema");
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), configJsonSchema());
});
