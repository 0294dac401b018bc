import assert from "node:assert/strict";
import { answer, answerJson, refuse } from "../../../../src/observe/http/http_answer.ts";

Deno.test("answer carries headers that keep browsers careful, and those given on top", async () => {
  const response = answer("x", { status: 201, headers: { "x-frame-options": "SAMEORIGIN" } });
  assert.equal(response.status, 201);
  assert.equal(await response.text(), "x");
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  assert.match(response.headers.get("content-security-policy")!, /^default-src 'none'/);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.equal(response.headers.get("x-frame-options"), "SAMEORIGIN");
});

Deno.test("answerJson writes a value and refuse a sentence, each on a line", async () => {
  const json = answerJson({ a: 1 }, 503);
  assert.deepEqual([json.status, await json.text()], [503, '{"a":1}\n']);
  assert.equal(json.headers.get("content-type"), "application/json");
  const refusal = refuse(405, "No.", { allow: "GET" });
  assert.deepEqual([refusal.status, await refusal.text()], [405, "No.\n"]);
  assert.equal(refusal.headers.get("allow"), "GET");
});
