import { changedSettings, type StreamSettings } from "../../model/settings.ts";
import type { StreamContext, StreamOptions } from "../stream_context.ts";

/** The settings and options of all streams, which may be replaced while streams run. */
export class StreamSetup {
  #settings: StreamSettings;
  #options: StreamOptions;
  #renewal = new AbortController();

  constructor(settings: StreamSettings, options: StreamOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  get settings(): StreamSettings {
    return this.#settings;
  }

  get options(): StreamOptions {
    return this.#options;
  }

  /**
   * Options hold from the next batch of each stream on. Settings stand in journals, so streams take them as after a
   * restart: each stores what it has read and begins anew. Where they are the same, nothing is interrupted.
   */
  replace(settings: StreamSettings, options: StreamOptions): void {
    this.#options = options;
    if (changedSettings(this.#settings, settings).length === 0) return;
    this.#settings = settings;
    const renewal = this.#renewal;
    this.#renewal = new AbortController();
    renewal.abort(new DOMException("The settings of streams have changed", "AbortError"));
  }

  /** The context of a stream's next run: settings as they are now, options that follow later changes. */
  contextOf(rest: Omit<StreamContext, "settings" | "options" | "renewed">): StreamContext {
    const optionsNow = () => this.#options;
    return {
      ...rest,
      settings: this.#settings,
      renewed: this.#renewal.signal,
      get options() {
        return optionsNow();
      },
    };
  }
}
