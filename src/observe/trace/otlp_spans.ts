import { fetchFault } from "../../support/fetch_fault.ts";
import { errorMessage } from "../../model/errors.ts";
import { callWithin } from "../../support/flow/call_within.ts";
import type { Clock } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";
import type { Random } from "../../support/random.ts";
import { Wake } from "../../support/flow/notify.ts";
import type { OtelOptions } from "./otel_variables.ts";
import { otlpBody, type OtlpSpan, otlpTrace } from "./otlp_json.ts";
import type { Span, SpanAttributes, SpanSink } from "./span.ts";

export interface OtlpSpansOptions extends OtelOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
}

/** Spans that wait to be sent; of more, the oldest are dropped. */
const WAITING_SPANS_MAX = 2048;

/** Spans of one request. */
const REQUEST_SPANS_MAX = 512;

/** When the program ends, it waits no longer for a collector. */
const LAST_SEND_MS_MAX = 2000;

/**
 * Posts spans to a collector, for an executable whose runtime cannot (it was compiled with its tracing off). A collector
 * that is away costs nothing but the spans: they wait, are sent again with the next ones, and are dropped in the end.
 */
export class OtlpSpans implements SpanSink {
  readonly #options: OtlpSpansOptions;
  readonly #resource: SpanAttributes;
  readonly #wake: Wake;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #waiting: OtlpSpan[] = [];
  #isAway = false;

  constructor(options: OtlpSpansOptions) {
    this.#options = options;
    this.#resource = options.resource;
    this.#wake = new Wake(options.clock);
    this.#ended = this.#sendAgainAndAgain();
  }

  write(root: Span): void {
    this.#waiting.push(...otlpTrace(root, this.#options.random));
    if (this.#waiting.length > WAITING_SPANS_MAX) {
      this.#waiting = this.#waiting.slice(-WAITING_SPANS_MAX);
    }
    if (this.#waiting.length >= REQUEST_SPANS_MAX && !this.#isAway) this.#wake.ring();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("The program ends"));
    this.#wake.ring();
    await this.#ended;
    await this.#sendAll(LAST_SEND_MS_MAX, new AbortController().signal);
  }

  async #sendAgainAndAgain(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#wake.wait(this.#options.delayMs);
      if (!this.#stop.signal.aborted) {
        await this.#sendAll(this.#options.timeoutMs, this.#stop.signal);
      }
    }
  }

  /** Sends what is waiting, until it is gone or the collector does not take it. */
  async #sendAll(delayMsMax: number, stop: AbortSignal): Promise<void> {
    const { clock, log, url } = this.#options;
    while (this.#waiting.length > 0) {
      const spans = this.#waiting.splice(0, REQUEST_SPANS_MAX);
      try {
        await callWithin(clock, delayMsMax, stop, (signal) => this.#send(spans, signal));
        if (this.#isAway) log.info("Traces are sent again");
        this.#isAway = false;
      } catch (error) {
        this.#waiting = [...spans, ...this.#waiting].slice(-WAITING_SPANS_MAX);
        // At the end a request is cut off to be sent once more; that says nothing of the collector.
        if (stop.aborted) return;
        const reason = errorMessage(fetchFault(error));
        if (!this.#isAway) log.warn("Traces cannot be sent; it is tried again", { url, reason });
        this.#isAway = true;
        return;
      }
    }
  }

  async #send(spans: readonly OtlpSpan[], signal: AbortSignal): Promise<void> {
    const { url, headers, fetch: send = fetch } = this.#options;
    const response = await send(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: otlpBody(this.#resource, spans),
      signal,
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the collector answers ${response.status}`);
  }
}
