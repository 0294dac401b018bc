/**
 * The few errors that a caller catches to decide what happens next. Everything else is a fault of the program and
 * travels as it is. Messages name the action and the current value, and never contain a secret.
 */

/** Something outside failed in a way that may pass: the same call may succeed later. */
export class TransientError extends Error {
  override readonly name = "TransientError";
  /** Who was asked answers, and says no: it passes when a person does something, and is tried again until then. */
  readonly refuses: boolean;

  constructor(message: string, options: ErrorOptions & { readonly refuses?: boolean } = {}) {
    super(message, options);
    this.refuses = options.refuses ?? false;
  }
}

/** Another writer is, or may be, at work, and this one takes its turn when that one has ended: nothing has failed. */
export class WaitingError extends TransientError {}

/** What a person must change before trying again can help: this program's settings, or something around it. */
export type Mend = "configuration" | "surroundings";

/** Trying again cannot help until a person changes something: rights, names, settings, a full journal of a stranger. */
export class PermanentError extends Error {
  override readonly name = "PermanentError";
  /** What is mended around the program is noticed while it runs; another configuration is a new start. */
  readonly mend: Mend;

  constructor(message: string, options: ErrorOptions & { readonly mend?: Mend } = {}) {
    super(message, options);
    this.mend = options.mend ?? "surroundings";
  }
}

/** The oplog no longer holds the position, or the server is another one than the journal was written from. */
export class HistoryLostError extends Error {
  override readonly name = "HistoryLostError";
}

/** The server cannot produce the next event: its post- or pre-image is missing (47) or it is over 16 MB (10334). */
export class UnreadableEventError extends Error {
  override readonly name = "UnreadableEventError";
  readonly reason: "image-missing" | "too-large";

  constructor(reason: "image-missing" | "too-large", message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** Another writer appended to the journal, or the lease ended: what is not appended must be dropped. */
export class FencedError extends Error {
  override readonly name = "FencedError";
}

/** A collection is being divided anew, and a batch reaches beyond where its stream ends: run again, up to there. */
export class LayoutChangedError extends Error {
  override readonly name = "LayoutChangedError";
}

/** An encoder died (or answered nonsense) with a request in hand: one of its events may be the reason. */
export class EncoderCrashError extends Error {
  override readonly name = "EncoderCrashError";
}

/** Whether who was asked answers and says no: not its life is in question, but rights, keys or names. */
export function isRefused(error: unknown): boolean {
  return error instanceof PermanentError || error instanceof TransientError && error.refuses;
}

/** The one sentence of an error for logs and people. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
