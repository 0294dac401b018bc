import type { Clock } from "../../support/clock.ts";
import { type Fleet, POLL_OFTEN } from "../fleet.ts";
import { ChangeCounter } from "./change_counter.ts";
import { createMemoryLeaseStore } from "./memory_lease_store.ts";
import { createMemoryMembers } from "./memory_members.ts";
import { createMemoryNews } from "./memory_news.ts";
import { createMemoryOrders } from "./memory_orders.ts";

/** The fleet of one instance, alone; also what simulations let several share. */
export function createMemoryFleet(clock: Clock): Fleet {
  const changes = new ChangeCounter();
  return {
    leases: createMemoryLeaseStore(clock, changes),
    members: createMemoryMembers(clock, changes),
    news: createMemoryNews(clock),
    orders: createMemoryOrders(changes),
    changes: () => Promise.resolve(String(changes.count)),
    isShared: false,
    poll: POLL_OFTEN,
  };
}
