import type { CoordinateEvent } from "../events.ts";
import type { Plan, View } from "./plan.ts";

/** Tells what has become another at each look: who is there, who has how much, and what stands still. */
export class ViewChanges {
  readonly #self: { readonly owner: string; readonly instance: string };
  readonly #observe: (event: CoordinateEvent) => void;
  #told = { members: "", shares: "", failing: "", waits: "" };
  readonly #ended = new Set<string>();

  constructor(
    self: { readonly owner: string; readonly instance: string },
    observe: (event: CoordinateEvent) => void,
  ) {
    this.#self = self;
    this.#observe = observe;
  }

  /**
   * A stream that has failed has ended here. Where it does not count as failing, the next look tells so, be it what was
   * told before: whoever watches shows it until then.
   */
  endedFailing(stream: string): void {
    this.#ended.add(stream);
  }

  /** `failing`: streams that failed here and run nowhere; `waits`: why streams are left to another instance, or empty. */
  tell(
    view: View,
    plan: Pick<Plan, "own" | "others">,
    { failing, waits }: { readonly failing: readonly string[]; readonly waits: string },
  ): void {
    const others = view.members.filter(({ owner }) => owner !== this.#self.owner);
    const instances = [this.#self, ...others].map(({ instance }) => instance).sort();
    const streams = plan.own.size + plan.others.size;
    const now = {
      members: instances.join("\n"),
      shares: `${plan.own.size}/${streams}`,
      failing: failing.join("\n"),
      waits,
    };
    const before = this.#told;
    this.#told = now;
    if (now.members !== before.members) this.#observe({ type: "members-changed", instances });
    if (now.shares !== before.shares) {
      this.#observe({ type: "shares-changed", streams, own: plan.own.size });
    }
    const isShownInVain = [...this.#ended].some((stream) => !failing.includes(stream));
    this.#ended.clear();
    if (now.failing !== before.failing || isShownInVain) {
      this.#observe({ type: "failing-changed", streams: failing });
    }
    if (now.waits !== before.waits) this.#observe({ type: "rival-changed", reason: waits });
  }
}
