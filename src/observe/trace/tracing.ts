import type { PipelineEvent } from "../../pipeline/events.ts";
import type { Clock } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";
import type { Random } from "../../support/random.ts";
import { BatchSpans } from "./batch_spans.ts";
import { openBuiltInSpans } from "./built_in_spans.ts";
import { readOtelOptions } from "./otel_variables.ts";
import { OtlpSpans } from "./otlp_spans.ts";
import type { Span, SpanAttributes, SpanSink } from "./span.ts";
import type { ObservedStream } from "../status/stream_board.ts";

export interface TracingOptions {
  readonly env: (name: string) => string | undefined;
  /** What goes with all spans. */
  readonly attributes: SpanAttributes;
  readonly instanceId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Where the runtime registers its tracing. Default: where it does. */
  readonly scope?: object;
}

/** Spans of all streams, made from what they tell of themselves. */
export class Tracing implements AsyncDisposable {
  readonly #sink: SpanSink;
  readonly #clock: Clock;
  readonly #attributes: SpanAttributes;
  readonly #streams = new Map<string, BatchSpans>();

  constructor(sink: SpanSink, { clock, attributes }: Pick<TracingOptions, "clock" | "attributes">) {
    this.#sink = sink;
    this.#clock = clock;
    this.#attributes = attributes;
  }

  pipelineEvent({ key, name }: ObservedStream, event: PipelineEvent): void {
    let spans = this.#streams.get(key);
    if (spans === undefined) {
      const write = (span: Span) => this.#sink.write(span);
      spans = new BatchSpans({ ...this.#attributes, "tributary.stream": name }, write);
      this.#streams.set(key, spans);
    }
    spans.take(event, this.#clock.wallMs());
    if (event.type === "stream-stopped" || event.type === "stream-closed") {
      this.#streams.delete(key);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sink[Symbol.asyncDispose]();
  }
}

/** Begins to trace: through the runtime where its tracing is on, else by requests of our own to the same collector. */
export function startTracing(options: TracingOptions): Tracing {
  const { env, instanceId, clock, random, log, scope } = options;
  const builtIn = openBuiltInSpans(scope);
  if (builtIn !== undefined) {
    log.info("Tracing streams", { through: "the runtime" });
    return new Tracing(builtIn, options);
  }
  const { resource, ...sending } = readOtelOptions(env);
  if (sending.unspokenProtocol !== undefined) {
    log.warn("Traces are sent as http/json, whatever OTEL_EXPORTER_OTLP_PROTOCOL says", {
      protocol: sending.unspokenProtocol,
      url: sending.url,
    });
  }
  log.info("Tracing streams", { url: sending.url });
  const whole = { "service.instance.id": instanceId, ...resource };
  const sink = new OtlpSpans({ ...sending, resource: whole, clock, random, log });
  return new Tracing(sink, options);
}
