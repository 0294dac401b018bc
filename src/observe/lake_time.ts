import { type ClusterTime, compareClusterTimes } from "../model/cluster_time.ts";

/** Replies of which it is known which events of theirs are not stored; of more, the last ones count as one. */
const REPLIES_MAX = 1000;

interface Unstored {
  events: number;
  /** Up to here everything is stored once all before it is. */
  readonly before: ClusterTime;
}

/**
 * Up to which time all events of a stream are in the lake. While everything that was read is stored, that is the time up to
 * which it is read; else the time just before the first event that is not. It never goes back.
 */
export class LakeTime {
  #time: ClusterTime | undefined;
  #highWater: ClusterTime | undefined;
  #unstored: Unstored[] = [];

  get time(): ClusterTime | undefined {
    return this.#time;
  }

  /** A run begins where the journal ends. */
  opened(at: ClusterTime): void {
    this.#unstored = [];
    this.#highWater = at;
    this.#reach(at);
  }

  /** `first`: the time of the first of the events, where there are any and it is known. */
  read(events: number, highWater: ClusterTime, first: ClusterTime | undefined): void {
    if (events > 0) this.#await(events, first === undefined ? this.#highWater : justBefore(first));
    this.#highWater = highWater;
    this.#look();
  }

  stored(events: number, to: ClusterTime): void {
    let left = events;
    while (left > 0 && this.#unstored.length > 0) {
      const first = this.#unstored[0]!;
      const taken = Math.min(left, first.events);
      first.events -= taken;
      left -= taken;
      if (first.events === 0) this.#unstored.shift();
    }
    this.#reach(to);
    this.#look();
  }

  /** What was read and is not stored is dropped; it will be read again. */
  dropped(): void {
    this.#unstored = [];
    this.#highWater = undefined;
  }

  #await(events: number, before: ClusterTime | undefined): void {
    const last = this.#unstored.at(-1);
    if (last !== undefined && (this.#unstored.length >= REPLIES_MAX || before === undefined)) {
      last.events += events;
    } else {
      this.#unstored.push({ events, before: before ?? { t: 0, i: 0 } });
    }
  }

  #look(): void {
    this.#reach(this.#unstored.length === 0 ? this.#highWater : this.#unstored[0]!.before);
  }

  #reach(time: ClusterTime | undefined): void {
    if (time === undefined) return;
    if (this.#time === undefined || compareClusterTimes(time, this.#time) > 0) this.#time = time;
  }
}

function justBefore({ t, i }: ClusterTime): ClusterTime {
  return i > 0 ? { t, i: i - 1 } : { t: t - 1, i: 0 };
}
