import type { Config } from "./config.ts";

/** The configuration in force, which may be replaced while the program runs. */
export class LiveConfig {
  #current: Config;
  readonly #listeners: ((config: Config) => void)[] = [];

  constructor(config: Config) {
    this.#current = config;
  }

  get current(): Config {
    return this.#current;
  }

  /** Calls the listener with each configuration that takes the place of the one before. */
  onReplaced(listener: (config: Config) => void): void {
    this.#listeners.push(listener);
  }

  replace(config: Config): void {
    this.#current = config;
    for (const listener of this.#listeners) listener(config);
  }
}
