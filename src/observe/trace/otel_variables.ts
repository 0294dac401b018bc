/** What the `OTEL_*` variables say of tracing, as far as the program itself follows them. */
export interface OtelOptions {
  /** Where spans are posted. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What is sent along with all spans: `service.name` and the like. */
  readonly resource: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly delayMs: number;
  /** A protocol that was asked for and is not spoken here. */
  readonly unspokenProtocol?: string;
}

type Environment = (name: string) => string | undefined;

/** Whether tracing is asked for: by the runtime's own switch (Deno manual, "OpenTelemetry"), and not turned off. */
export function isTracingWanted(env: Environment): boolean {
  const isTrue = (name: string) => /^(true|1)$/i.test(env(name) ?? "");
  const isFalse = (name: string) => /^(false|0)$/i.test(env(name) ?? "");
  const isOn = isTrue("OTEL_DENO") || isTrue("OTEL_DENO_TRACING");
  return isOn && !isFalse("OTEL_DENO_TRACING") && !isTrue("OTEL_SDK_DISABLED");
}

/** Reads the variables (OpenTelemetry specification, "Environment Variables" and "OTLP Exporter"). */
export function readOtelOptions(env: Environment): OtelOptions {
  const given = (name: string) => env(name) || undefined;
  const base = (given("OTEL_EXPORTER_OTLP_ENDPOINT") ?? "http://localhost:4318").replace(
    /\/+$/,
    "",
  );
  const protocol = given("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") ??
    given("OTEL_EXPORTER_OTLP_PROTOCOL");
  const resource = pairs(given("OTEL_RESOURCE_ATTRIBUTES"));
  const service = given("OTEL_SERVICE_NAME") ?? resource["service.name"] ?? "tributary";
  return {
    url: given("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") ?? `${base}/v1/traces`,
    headers: {
      ...pairs(given("OTEL_EXPORTER_OTLP_HEADERS")),
      ...pairs(given("OTEL_EXPORTER_OTLP_TRACES_HEADERS")),
    },
    resource: { ...resource, "service.name": service },
    timeoutMs: milliseconds(
      given("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT") ?? given("OTEL_EXPORTER_OTLP_TIMEOUT"),
      10_000,
    ),
    delayMs: milliseconds(given("OTEL_BSP_SCHEDULE_DELAY"), 5000),
    ...(protocol === undefined || protocol.startsWith("http/")
      ? {}
      : { unspokenProtocol: protocol }),
  };
}

/** `a=1,b=two%20words`; what is no pair is left out, as the specification wants it. */
function pairs(text = ""): Record<string, string> {
  const entries = text.split(",").flatMap((pair) => {
    const at = pair.indexOf("=");
    return at < 1 ? [] : [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())] as const];
  });
  return Object.fromEntries(entries);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoded after all.
    return text;
  }
}

function milliseconds(text: string | undefined, otherwise: number): number {
  const number = Number(text ?? NaN);
  return Number.isFinite(number) && number > 0 ? number : otherwise;
}
