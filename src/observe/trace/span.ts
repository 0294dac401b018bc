/** What a span or one of its events says of itself. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A stretch of work that has ended, with the stretches it was made of. Times are wall clock. */
export interface Span {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: SpanAttributes;
  readonly events?: readonly SpanEvent[];
  /** Why it failed. */
  readonly error?: string;
  readonly children?: readonly Span[];
}

/** Something that happened at one moment of a span. */
export interface SpanEvent {
  readonly name: string;
  readonly atMs: number;
  readonly attributes: SpanAttributes;
}

/** Where spans go. Disposing of it sends what is still here, as far as somebody takes it. */
export interface SpanSink extends AsyncDisposable {
  /** Takes a span with all its children; the start of a trace of its own. Never waits and never throws. */
  write(root: Span): void;
}
