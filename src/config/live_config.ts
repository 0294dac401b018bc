import type { Config } from "./config.ts";

/** Settings that were read again and are not taken: nothing changes. */
export interface Refusal {
  /** Wall clock. */
  readonly atMs: number;
  readonly reason: string;
}

/** The configuration in force, which may be replaced while the program runs. */
export class LiveConfig {
  #current: Config;
  #refused: Refusal | undefined;
  readonly #listeners: ((config: Config) => void)[] = [];
  readonly #refusalListeners: (() => void)[] = [];

  constructor(config: Config) {
    this.#current = config;
  }

  get current(): Config {
    return this.#current;
  }

  /** What was read again last, if it was refused. */
  get refused(): Refusal | undefined {
    return this.#refused;
  }

  /** What was read again has faults. */
  refuse(refusal: Refusal): void {
    this.#setRefused(refusal);
  }

  /** What was read again is in force, or as before. */
  taken(): void {
    if (this.#refused !== undefined) this.#setRefused(undefined);
  }

  /** Calls the listener with each configuration that takes the place of the one before. */
  onReplaced(listener: (config: Config) => void): void {
    this.#listeners.push(listener);
  }

  /** Calls the listener whenever `refused` is another. */
  onRefusal(listener: () => void): void {
    this.#refusalListeners.push(listener);
  }

  replace(config: Config): void {
    this.#current = config;
    this.taken();
    for (const listener of this.#listeners) listener(config);
  }

  #setRefused(refusal: Refusal | undefined): void {
    this.#refused = refusal;
    for (const listener of this.#refusalListeners) listener();
  }
}
