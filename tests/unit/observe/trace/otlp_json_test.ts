import assert from "node:assert/strict";
import { otlpBody, otlpTrace } from "../../../../src/observe/trace/otlp_json.ts";
import { VERSION } from "../../../../src/support/version.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";

Deno.test("otlpTrace gives a span and those below it one trace and ids of their own", () => {
  const attributes = { text: "a", whole: 3, part: 0.5, yes: true };
  const [root, child, ...others] = otlpTrace({
    ...{ name: "batch", startMs: 1_795_194_000_123.25, endMs: 1_795_194_000_124, attributes },
    children: [{ name: "read", startMs: 9, endMs: 8, attributes: {}, error: "503" }],
  }, new SeededRandom(1));
  assert.equal(others.length, 0);
  assert.match(String(root!.traceId), /^[0-9a-f]{32}$/);
  assert.match(String(root!.spanId), /^[0-9a-f]{16}$/);
  assert.equal(root!.parentSpanId, undefined);
  assert.equal(root!.startTimeUnixNano, "1795194000123250000");
  assert.deepEqual(root!.attributes, [
    { key: "text", value: { stringValue: "a" } },
    { key: "whole", value: { intValue: "3" } },
    { key: "part", value: { doubleValue: 0.5 } },
    { key: "yes", value: { boolValue: true } },
  ]);
  assert.equal(root!.status, undefined);
  assert.deepEqual([child!.traceId, child!.parentSpanId], [root!.traceId, root!.spanId]);
  assert.notEqual(child!.spanId, root!.spanId);
  assert.equal(child!.endTimeUnixNano, child!.startTimeUnixNano, "no span ends before it begins");
  assert.deepEqual(child!.status, { code: 2, message: "503" });
  assert.deepEqual(child!.events, [{
    timeUnixNano: "8000000",
    name: "exception",
    attributes: [{ key: "exception.message", value: { stringValue: "503" } }],
  }]);
});

Deno.test("otlpBody names the resource and the program", () => {
  assert.deepEqual(JSON.parse(otlpBody({ "service.name": "lake" }, [{ name: "batch" }])), {
    resourceSpans: [{
      resource: { attributes: [{ key: "service.name", value: { stringValue: "lake" } }] },
      scopeSpans: [{ scope: { name: "tributary", version: VERSION }, spans: [{ name: "batch" }] }],
    }],
  });
});
