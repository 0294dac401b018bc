import type { LeaseStore } from "./lease/lease_store.ts";
import type { Members } from "./members.ts";
import type { News } from "./news.ts";
import type { Orders } from "./orders.ts";

/**
 * What the instances of a pipeline share: who is there, who runs what, what is told of it and what is wanted. A backend
 * implements all of it in one place (`memory/memory_fleet.ts` and its kind) and keeps the contract in
 * `tests/contract/fleet_contract.ts`. Errors are `TransientError` and `PermanentError`.
 */
export interface Fleet {
  readonly leases: LeaseStore;
  readonly members: Members;
  readonly news: News;
  readonly orders: Orders;
  /**
   * A text that is another one after somebody joined, left, told something new of itself, gave a lease back, or ordered
   * something; not after heartbeats, refreshes and news. Nothing changes it when a lease or a member expires.
   */
  changes(): Promise<string>;
  /** Why nothing may be taken or kept now: others live that keep their leases in another place. Absent: never. */
  elsewhere?(): Promise<string | undefined>;
  /** Whether anybody else can be there: then leases expire, and it is asked for changes. */
  readonly isShared: boolean;
  readonly poll: Poll;
}

/**
 * How often a backend wants to be asked, each in milliseconds between two questions. Where each of them is a request that
 * costs money, it is rarely. All are well below a lease's time to live.
 */
export interface Poll {
  /** Whether there are changes: how soon an instance notices the others. */
  readonly changesMs: number;
  /** The same while a stream of one's own is still held by another: that, and the drain, is what a hand-over costs. */
  readonly handOverMs: number;
  /** A lease that somebody waits for (`lock hold`). */
  readonly leaseMs: number;
  /** Everything, to be shown to people; an instance tells its own news as often. */
  readonly viewMs: number;
}

/** Of a backend that is near and costs nothing. */
export const POLL_OFTEN: Poll = {
  changesMs: 250,
  handOverMs: 100,
  leaseMs: 1000,
  viewMs: 5000,
};
