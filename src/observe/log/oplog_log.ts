import type { Log } from "../../support/log.ts";
import { formatSeconds } from "../../support/units.ts";
import { HEADROOM_SHARE_WARN } from "../status/lag.ts";

/** How much of the oplog a stream has left. */
export interface OplogUse {
  readonly key: string;
  readonly name: string;
  readonly isPaused: boolean;
  /** Undefined where it is not known. */
  readonly leftSeconds: number | undefined;
}

/** What was said is said anew only after there was so much more left: nothing flaps around the limit. */
const RECOVERED_SHARE = 1.2;

/** Of more streams, the first are named. */
const STREAMS_NAMED_MAX = 5;

type Said = "nothing" | "short" | "gone";

interface Seen {
  leftSeconds: number | undefined;
  said: Said;
  /** When it was seen last. */
  look: number;
}

/** Says when a stream comes near the end of the oplog, and when it is there: also of one that is paused, and says nothing itself. */
export class OplogLog {
  readonly #log: Log;
  readonly #seen = new Map<string, Seen>();
  #looks = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Takes what is so now of all streams whose lines are this instance's to say. */
  take(uses: readonly OplogUse[], windowSeconds: number | undefined): void {
    if (windowSeconds === undefined) return;
    this.#looks++;
    const limit = windowSeconds * HEADROOM_SHARE_WARN;
    const news = { short: [] as OplogUse[], gone: [] as OplogUse[] };
    for (const use of uses) {
      const said = this.#look(use, limit);
      if (said !== undefined) news[said].push(use);
    }
    this.#seen.forEach(({ look }, key) => {
      if (look !== this.#looks) this.#seen.delete(key);
    });
    if (news.short.length > 0) {
      this.#log.warn("A stream nears the end of the oplog", fieldsOf(news.short));
    }
    if (news.gone.length > 0) {
      this.#log.error("The oplog no longer reaches back to a stream", fieldsOf(news.gone));
    }
  }

  /** What is to be said of the stream now. */
  #look({ key, leftSeconds }: OplogUse, limit: number): "short" | "gone" | undefined {
    const seen = this.#seen.get(key) ?? { leftSeconds: undefined, said: "nothing", look: 0 };
    seen.look = this.#looks;
    this.#seen.set(key, seen);
    if (leftSeconds === undefined) return undefined;
    const before = seen.leftSeconds;
    seen.leftSeconds = leftSeconds;
    if (leftSeconds > limit * RECOVERED_SHARE) seen.said = "nothing";
    // Of an oplog that is new nothing is cut off: what is left of it does not get less.
    if (before === undefined || leftSeconds >= before || leftSeconds >= limit) return undefined;
    const now = leftSeconds === 0 ? "gone" : "short";
    if (seen.said === now || seen.said === "gone") return undefined;
    return seen.said = now;
  }
}

function fieldsOf(uses: readonly OplogUse[]) {
  const [first, ...others] = uses;
  const names = uses.slice(0, STREAMS_NAMED_MAX).map(({ name }) => name);
  const more = uses.length - names.length;
  const paused = uses.some(({ isPaused }) => isPaused);
  return {
    ...(others.length === 0 ? { stream: first!.name } : { streams: names }),
    ...(more === 0 ? {} : { more }),
    left: formatSeconds(Math.min(...uses.map(({ leftSeconds = 0 }) => leftSeconds)) * 1000),
    paused,
    next: paused
      ? "tributary resume, or a longer oplog (replSetResizeOplog)"
      : "a longer oplog (replSetResizeOplog), and what holds it up mended",
  };
}
