/** A collector of traces on the loopback, as far as tests need one: OTLP over HTTP with JSON. */
import assert from "node:assert/strict";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";

/** A span as it came, attributes by name. Times are milliseconds since 1970. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  /** Of the status; undefined where nothing failed. */
  readonly error: string | undefined;
  /** Of the resource. */
  readonly resource: Attributes;
}

type Attributes = Readonly<Record<string, unknown>>;

export interface OtlpCollector extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** What has come so far; grows. */
  readonly spans: readonly CollectedSpan[];
  readonly headers: readonly Headers[];
  /** What it answers with from now on. */
  status: number;
  /** The first span that fits, waiting for it. */
  span(name: string, fits?: (span: CollectedSpan) => boolean): Promise<CollectedSpan>;
}

const SPAN_MS_MAX = 240_000;

export function startOtlpCollector(): OtlpCollector {
  const spans: CollectedSpan[] = [];
  const headers: Headers[] = [];
  const state = { status: 200 };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const body = await request.json();
      headers.push(request.headers);
      if (state.status === 200 && new URL(request.url).pathname === "/v1/traces") {
        spans.push(...spansOf(body));
      }
      return Response.json({}, { status: state.status });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    spans,
    headers,
    get status() {
      return state.status;
    },
    set status(status) {
      state.status = status;
    },
    async span(name, fits = () => true) {
      const find = () => spans.find((span) => span.name === name && fits(span));
      await waitUntil(systemClock, SPAN_MS_MAX, find);
      const found = find();
      assert.ok(found, `no such span "${name}" among ${JSON.stringify(spans, null, 1)}`);
      return found;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** The stages of a batch in the order of time. */
export function childrenOf(spans: readonly CollectedSpan[], parent: CollectedSpan) {
  return spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId)
    .sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

// deno-lint-ignore no-explicit-any -- JSON from outside, of which tests assert what they need
function spansOf(body: any): CollectedSpan[] {
  // deno-lint-ignore no-explicit-any
  return body.resourceSpans.flatMap(({ resource, scopeSpans }: any) =>
    // deno-lint-ignore no-explicit-any
    scopeSpans.flatMap(({ spans }: any) =>
      // deno-lint-ignore no-explicit-any
      spans.map((span: any) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? "",
        name: span.name,
        startMs: Number(BigInt(span.startTimeUnixNano) / 1000n) / 1000,
        endMs: Number(BigInt(span.endTimeUnixNano) / 1000n) / 1000,
        attributes: byName(span.attributes),
        // deno-lint-ignore no-explicit-any
        events: (span.events ?? []).map((event: any) => ({
          name: event.name,
          attributes: byName(event.attributes ?? []),
        })),
        error: span.status?.code === 2 ? span.status.message : undefined,
        resource: byName(resource.attributes),
      }))
    )
  );
}

function byName(attributes: readonly OtlpAttribute[]): Attributes {
  return Object.fromEntries(attributes.map(({ key, value }) => {
    const [[kind, content] = []] = Object.entries(value);
    return [key, kind === "intValue" || kind === "doubleValue" ? Number(content) : content];
  }));
}
