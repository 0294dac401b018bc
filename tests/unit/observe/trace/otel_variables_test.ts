import assert from "node:assert/strict";
import { isTracingWanted, readOtelOptions } from "../../../../src/observe/trace/otel_variables.ts";

const env = (variables: Record<string, string>) => (name: string): string | undefined =>
  variables[name];

Deno.test("isTracingWanted follows the runtime's switches", () => {
  for (
    const [wanted, variables] of [
      [false, {}],
      [false, { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318" }],
      [true, { OTEL_DENO: "true" }],
      [true, { OTEL_DENO: "1" }],
      [false, { OTEL_DENO: "false" }],
      [true, { OTEL_DENO_TRACING: "true" }],
      [false, { OTEL_DENO: "true", OTEL_DENO_TRACING: "false" }],
      [false, { OTEL_DENO: "true", OTEL_SDK_DISABLED: "true" }],
    ] as const
  ) assert.equal(isTracingWanted(env(variables)), wanted, JSON.stringify(variables));
});

Deno.test("readOtelOptions has the defaults of the specification", () => {
  assert.deepEqual(readOtelOptions(env({ OTEL_EXPORTER_OTLP_ENDPOINT: "" })), {
    url: "http://localhost:4318/v1/traces",
    headers: {},
    resource: { "service.name": "tributary" },
    timeoutMs: 10_000,
    delayMs: 5000,
  });
});

Deno.test("readOtelOptions follows variables, those for traces first", () => {
  const common = {
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://c.example/otlp/",
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Basic%20abc=, nonsense,x=1",
    OTEL_EXPORTER_OTLP_TIMEOUT: "500",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_BSP_SCHEDULE_DELAY: "100",
    OTEL_RESOURCE_ATTRIBUTES: "service.name=a,deployment.environment=100%,k=v%2Cw",
  };
  assert.deepEqual(readOtelOptions(env(common)), {
    url: "https://c.example/otlp/v1/traces",
    headers: { authorization: "Basic abc=", x: "1" },
    resource: { "service.name": "a", "deployment.environment": "100%", k: "v,w" },
    timeoutMs: 500,
    delayMs: 100,
  });
  const options = readOtelOptions(env({
    ...common,
    OTEL_SERVICE_NAME: "b",
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://t/",
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: "x=2",
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: "never",
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "grpc",
  }));
  assert.equal(options.url, "http://t/");
  assert.equal(options.headers.x, "2");
  assert.equal(options.timeoutMs, 10_000);
  assert.equal(options.unspokenProtocol, "grpc");
  assert.equal(options.resource["service.name"], "b");
});
