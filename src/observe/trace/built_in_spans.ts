import { VERSION } from "../../support/version.ts";
import type { Span, SpanAttributes, SpanSink } from "./span.ts";

/**
 * What the runtime registers for programs that use the OpenTelemetry API, and as much of that API as is used here (API
 * specification, "Tracing API"; `@opentelemetry/api` 1.x). The name is the one under which all copies of that package
 * look for it, so the package itself is not needed.
 */
interface Registered {
  readonly trace?: {
    getTracer(name: string, version: string): Tracer;
  };
  readonly context?: { active(): Context };
}

interface Tracer {
  startSpan(name: string, options: StartOptions, context?: Context): ApiSpan;
}

interface StartOptions {
  readonly root?: boolean;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly attributes: SpanAttributes;
}

interface Context {
  setValue(key: symbol, value: unknown): Context;
}

interface ApiSpan {
  addEvent(name: string, attributes: SpanAttributes, atMs: number): unknown;
  recordException(error: { readonly name: string; readonly message: string }, atMs: number): void;
  setStatus(status: { readonly code: number; readonly message: string }): unknown;
  end(atMs: number): void;
}

const REGISTERED = Symbol.for("opentelemetry.js.api.1");
const SPAN_KEY = Symbol.for("OpenTelemetry Context Key SPAN");
const STATUS_ERROR = 2;

/** Gives spans to the runtime's own tracing; undefined where it is off, which it says by registering nothing. */
export function openBuiltInSpans(scope: object = globalThis): SpanSink | undefined {
  const registered = (scope as { [REGISTERED]?: Registered })[REGISTERED];
  const { trace, context } = registered ?? {};
  if (trace === undefined || context === undefined) return undefined;
  const tracer = trace.getTracer("tributary", VERSION);
  const write = (span: Span, parent?: Context): void => {
    const { name, startMs: startTime, attributes } = span;
    const options = { startTime, attributes };
    const open = parent === undefined
      ? tracer.startSpan(name, { root: true, ...options })
      : tracer.startSpan(name, options, parent);
    const { children = [], events = [], error } = span;
    for (const event of events) open.addEvent(event.name, event.attributes, event.atMs);
    if (error !== undefined) {
      open.recordException({ name: "Error", message: error }, span.endMs);
      open.setStatus({ code: STATUS_ERROR, message: error });
    }
    if (children.length > 0) {
      const inside = context.active().setValue(SPAN_KEY, open);
      for (const child of children) write(child, inside);
    }
    open.end(span.endMs);
  };
  // The runtime sends what it has when the process ends.
  return { write: (root) => write(root), [Symbol.asyncDispose]: () => Promise.resolve() };
}
