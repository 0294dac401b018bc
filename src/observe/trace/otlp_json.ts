import type { Random } from "../../support/random.ts";
import { VERSION } from "../../support/version.ts";
import type { Span, SpanAttributes, SpanEvent } from "./span.ts";

/** A span as OTLP has it in JSON. */
export type OtlpSpan = Readonly<Record<string, unknown>>;

const KIND_INTERNAL = 1;
const STATUS_ERROR = 2;

/** A trace of its own: the span and all below it, each with an id. */
export function otlpTrace(root: Span, random: Random): OtlpSpan[] {
  const traceId = random.hex(32);
  const list: OtlpSpan[] = [];
  const add = (span: Span, parentSpanId?: string): void => {
    const spanId = random.hex(16);
    const { name, startMs, endMs, attributes, events = [], error, children = [] } = span;
    const failure = error === undefined ? [] : [exceptionEvent(error, endMs)];
    list.push({
      traceId,
      spanId,
      ...(parentSpanId === undefined ? {} : { parentSpanId }),
      name,
      kind: KIND_INTERNAL,
      startTimeUnixNano: nanoseconds(startMs),
      endTimeUnixNano: nanoseconds(Math.max(startMs, endMs)),
      attributes: otlpAttributes(attributes),
      events: [...events, ...failure].map(otlpEvent),
      ...(error === undefined ? {} : { status: { code: STATUS_ERROR, message: error } }),
    });
    for (const child of children) add(child, spanId);
  };
  add(root);
  return list;
}

/** The body of a request that exports spans (OTLP specification, "JSON Protobuf Encoding"). */
export function otlpBody(resource: SpanAttributes, spans: readonly OtlpSpan[]): string {
  return JSON.stringify({
    resourceSpans: [{
      resource: { attributes: otlpAttributes(resource) },
      scopeSpans: [{ scope: { name: "tributary", version: VERSION }, spans }],
    }],
  });
}

function exceptionEvent(message: string, atMs: number): SpanEvent {
  return { name: "exception", atMs, attributes: { "exception.message": message } };
}

function otlpEvent({ name, atMs, attributes }: SpanEvent) {
  return { timeUnixNano: nanoseconds(atMs), name, attributes: otlpAttributes(attributes) };
}

function otlpAttributes(attributes: SpanAttributes) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: otlpValue(value) }));
}

/** 64-bit integers are text in JSON. */
function otlpValue(value: string | number | boolean) {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

function nanoseconds(wallMs: number): string {
  return String(BigInt(Math.round(wallMs * 1000)) * 1000n);
}
