import assert from "node:assert/strict";
import { openBuiltInSpans } from "../../../../src/observe/trace/built_in_spans.ts";

/** What a runtime registers, writing down what it is told. */
function runtime() {
  const told: unknown[] = [];
  const context = { setValue: (key: symbol, span: unknown) => ({ ...context, [key]: span }) };
  const startSpan = (name: string, options: unknown, inside?: Record<symbol, { name: string }>) => {
    const parent = inside?.[Symbol.for("OpenTelemetry Context Key SPAN")]?.name;
    told.push(["start", name, options, parent]);
    return {
      name,
      addEvent: (...all: unknown[]) => told.push(["event", ...all]),
      recordException: (...all: unknown[]) => told.push(["exception", ...all]),
      setStatus: (status: unknown) => told.push(["status", status]),
      end: (atMs: number) => told.push(["end", name, atMs]),
    };
  };
  const registered = {
    trace: { getTracer: () => ({ startSpan }) },
    context: { active: () => context },
  };
  return { told, scope: { [Symbol.for("opentelemetry.js.api.1")]: registered } };
}

Deno.test("openBuiltInSpans is nothing where the runtime registers no tracing", () => {
  assert.equal(openBuiltInSpans({}), undefined);
  const metricsOnly = { [Symbol.for("opentelemetry.js.api.1")]: { metrics: {} } };
  assert.equal(openBuiltInSpans(metricsOnly), undefined);
});

Deno.test("openBuiltInSpans gives the runtime spans with their own times, children inside", async () => {
  const { told, scope } = runtime();
  await using sink = openBuiltInSpans(scope)!;
  const attributes = { n: 1 };
  sink.write({
    ...{ name: "batch", startMs: 1, endMs: 9, attributes, error: "503" },
    events: [{ name: "seen", atMs: 2, attributes }],
    children: [{ name: "read", startMs: 3, endMs: 4, attributes }],
  });
  assert.deepEqual(told, [
    ["start", "batch", { root: true, startTime: 1, attributes }, undefined],
    ["event", "seen", attributes, 2],
    ["exception", { name: "Error", message: "503" }, 9],
    ["status", { code: 2, message: "503" }],
    ["start", "read", { startTime: 3, attributes }, "batch"],
    ["end", "read", 4],
    ["end", "batch", 9],
  ]);
});
