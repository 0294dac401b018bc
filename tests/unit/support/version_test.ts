import assert from "node:assert/strict";
import { VERSION } from "../../../src/support/version.ts";

Deno.test("VERSION is that of deno.json", () => {
  const file = new URL("../../../deno.json", import.meta.url);
  assert.equal(VERSION, JSON.parse(Deno.readTextFileSync(file)).version);
});
