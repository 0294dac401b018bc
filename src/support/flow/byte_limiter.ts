/** Lets tasks run side by side as long as the bytes that they hold together stay within a limit. */
export class ByteLimiter {
  readonly #bytesMax: number;
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = [];
  #bytesHeld = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** In the order they came. A task that holds more than the limit runs alone. */
  async run<T>(bytes: number, task: () => Promise<T>): Promise<T> {
    const held = Math.min(bytes, this.#bytesMax);
    if (this.#waiting.length > 0 || this.#bytesHeld + held > this.#bytesMax) {
      await new Promise<void>((enter) => this.#waiting.push({ bytes: held, enter }));
    } else this.#bytesHeld += held;
    try {
      return await task();
    } finally {
      this.#bytesHeld -= held;
      this.#letIn();
    }
  }

  #letIn(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#bytesHeld + next.bytes > this.#bytesMax) return;
      this.#waiting.shift();
      this.#bytesHeld += next.bytes;
      next.enter();
    }
  }
}
