import assert from "node:assert/strict";
import type { Span } from "../../../../src/observe/trace/span.ts";
import { startTracing, Tracing } from "../../../../src/observe/trace/tracing.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const ORDERS = { key: "database.shop", name: "database:shop" };

Deno.test("Tracing.pipelineEvent() writes spans with the names of program and stream", async () => {
  const spans: Span[] = [];
  const sink = {
    write: (span: Span) => void spans.push(span),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const clock = new VirtualClock();
  await using tracing = new Tracing(sink, { clock, attributes: { "tributary.pipeline": "p" } });
  tracing.pipelineEvent(ORDERS, { type: "source-lost", reason: "away" });
  tracing.pipelineEvent(ORDERS, { type: "stream-stopped" });
  const atMs = clock.wallMs();
  assert.deepEqual(spans, [{
    ...{ name: "source lost", startMs: atMs, endMs: atMs, error: "away" },
    attributes: { "tributary.pipeline": "p", "tributary.stream": "database:shop" },
  }]);
});

Deno.test("startTracing uses the runtime's tracing where it is on, else sends by itself", async () => {
  const said: unknown[] = [];
  const clock = new VirtualClock();
  const options = {
    env: (name: string) => name === "OTEL_EXPORTER_OTLP_PROTOCOL" ? "grpc" : undefined,
    attributes: {},
    instanceId: "host-1",
    clock,
    random: new SeededRandom(1),
    log: {
      ...silentLog,
      info: (text: string, fields = {}) => said.push([text, fields]),
      warn: (text: string) => said.push(text),
    },
  };
  const registered = {
    trace: { getTracer: () => ({}) },
    context: { active: () => ({}) },
  };
  const scope = { [Symbol.for("opentelemetry.js.api.1")]: registered };
  await startTracing({ ...options, scope })[Symbol.asyncDispose]();
  await clock.finish(startTracing({ ...options, scope: {} })[Symbol.asyncDispose]());
  assert.deepEqual(said, [
    ["Tracing streams", { through: "the runtime" }],
    "Traces are sent as http/json, whatever OTEL_EXPORTER_OTLP_PROTOCOL says",
    ["Tracing streams", { url: "http://localhost:4318/v1/traces" }],
  ]);
  assert.equal(clock.timerCount, 0);
});
