import { selectionDifferences, whyNotBoth } from "../model/selection.ts";
import { type Clock, isoTime } from "../support/clock.ts";
import type { Member, MemberInfo, Members } from "./members.ts";

export interface RivalsOptions {
  readonly members: Pick<Members, "list">;
  readonly owner: string;
  readonly selection: string;
  readonly clock: Clock;
  /** The keys of the streams that are paused, as of the last look. Default: none are. */
  readonly paused?: () => readonly string[];
}

/** What an instance tells of what it selects. */
export type Selected = Required<Pick<Member, "selection" | "selectedAt">>;

/**
 * The instances that select other events than this one. Of two such, only one may run a stream that both know: the one
 * that has selected for longer; the other waits until it stops. So a fleet is brought to new settings one instance after
 * the other, and the streams follow when the last of the old ones stops.
 *
 * Instances of older versions do not tell what they select. They count as rivals for a stream once its journal has shown
 * that they select other events, for as long as they live.
 */
export class Rivals {
  readonly #options: RivalsOptions;
  readonly #silentRivals = new Map<string, ReadonlySet<string>>();
  #selected: Selected;
  /** Who else is there. */
  #others: readonly MemberInfo[] = [];

  constructor(options: RivalsOptions) {
    this.#options = options;
    const { selection, clock } = options;
    this.#selected = { selection, selectedAt: isoTime(clock.wallMs()) };
  }

  get selected(): Selected {
    return this.#selected;
  }

  /** What this instance, which could run these streams, tells of that. */
  toldOf(
    streams: readonly string[],
  ): Pick<Member, "selection" | "selectedAt" | "paused" | "waits"> {
    const rival = this.#firstOf(streams);
    const paused = this.#options.paused?.() ?? [];
    return {
      ...this.#selected,
      ...(paused.length === 0 ? {} : { paused }),
      ...(rival === undefined ? {} : { waits: this.sentenceOf(rival) }),
    };
  }

  /** What this instance selects from now on: who runs by then comes first. */
  select(selection: string): void {
    if (selection === this.#selected.selection) return;
    this.#silentRivals.clear();
    this.#selected = { selection, selectedAt: isoTime(this.#options.clock.wallMs()) };
  }

  /** Notes who is there now. */
  see(members: readonly MemberInfo[]): void {
    this.#others = members.filter(({ owner }) => owner !== this.#options.owner);
  }

  /** The instance that must stop before this one may run the stream, of those that were there at the last look. */
  find(stream: string): Member | undefined {
    if (this.#others.length === 0) return undefined;
    const silent = this.#silentRivals.get(stream);
    return this.#others.find((member) =>
      this.#isBefore(member, stream) || (silent?.has(member.owner) === true && isAtWork(member))
    );
  }

  /**
   * Asked when the journal shows that this instance would change what is selected: looks who is there now. Undefined
   * where nobody is in the way.
   */
  async ask(stream: string): Promise<string | undefined> {
    this.see(await this.#options.members.list());
    const silent = this.#others.filter((member) =>
      member.selection === undefined && isAtWork(member) && knows(member, stream)
    );
    this.#silentRivals.set(stream, new Set(silent.map(({ owner }) => owner)));
    const rival = this.find(stream);
    return rival === undefined ? undefined : this.sentenceOf(rival);
  }

  /** All that are at work now and tell that they select other events, whatever streams they know. */
  async all(): Promise<Member[]> {
    return (await this.#options.members.list()).filter((member) =>
      isAtWork(member) && member.selection !== undefined &&
      member.selection !== this.#selected.selection
    );
  }

  /** What a person needs to know. */
  sentenceOf({ instance, selection }: Member): string {
    const differences = selection === undefined
      ? ["the settings that select events"]
      : selectionDifferences(selection, this.#selected.selection);
    return `Waiting for instance ${instance}, which runs the same streams with other settings ` +
      `(${differences.join(", ")}): only one of the two may run, for ${whyNotBoth(differences)}; ` +
      "it goes on by itself when that one has stopped, or give both the same settings";
  }

  /** Of the first stream that has one; asked at each look, of what may be thousands. */
  #firstOf(streams: readonly string[]): Member | undefined {
    if (this.#others.length === 0) return undefined;
    const stream = streams.find((each) => this.find(each) !== undefined);
    return stream === undefined ? undefined : this.find(stream);
  }

  #isBefore(member: Member, stream: string): boolean {
    const { owner, selection, selectedAt = "" } = member;
    const own = this.#selected;
    if (selection === undefined || selection === own.selection) return false;
    if (!isAtWork(member) || !knows(member, stream)) return false;
    if (selectedAt !== own.selectedAt) return selectedAt < own.selectedAt;
    return owner < this.#options.owner;
  }
}

/** One that leaves takes nothing new; what it still holds its leases keep. */
function isAtWork({ isLeaving }: Member): boolean {
  return !isLeaving;
}

/** What has failed there, or is paused, is not offered for a while; it comes back to it. */
function knows({ streams, failed, paused }: Member, stream: string): boolean {
  return failed > 0 || streams.includes(stream) || paused?.includes(stream) === true;
}
