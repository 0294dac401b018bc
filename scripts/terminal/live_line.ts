import type { Clock } from "../../src/support/clock.ts";

/** Where a live line is shown: a terminal, or a file or pipe that gets plain lines. */
export interface LineOutput {
  readonly isTerminal: boolean;
  write(text: string): void;
}

/** Without a terminal a plain line is printed this often at most. */
const PLAIN_MS = 3_000;

/** A line that tells how things stand: redrawn in place on a terminal, printed now and then elsewhere. */
export class LiveLine {
  readonly #output: LineOutput;
  readonly #clock: Clock;
  readonly #indent: string;
  #printedMs: number;
  #last = "";

  constructor(output: LineOutput, clock: Clock, indent = "") {
    this.#indent = indent;
    this.#output = output;
    this.#clock = clock;
    this.#printedMs = clock.monotonicMs();
  }

  show(text: string): void {
    this.#last = this.#indent + text;
    if (this.#output.isTerminal) return this.#output.write(`\r\x1b[2K${this.#last}`);
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#printedMs < PLAIN_MS) return;
    this.#printedMs = nowMs;
    this.#output.write(`${this.#last}\n`);
  }

  /** Leaves the last text standing and goes to the next line. */
  end(): void {
    this.#output.write(this.#output.isTerminal ? "\n" : `${this.#last}\n`);
  }
}

/** The process's standard output. */
export function standardOutput(): LineOutput {
  const encoder = new TextEncoder();
  return {
    isTerminal: Deno.stdout.isTerminal(),
    write(text) {
      const bytes = encoder.encode(text);
      for (let written = 0; written < bytes.length;) {
        written += Deno.stdout.writeSync(bytes.subarray(written));
      }
    },
  };
}
