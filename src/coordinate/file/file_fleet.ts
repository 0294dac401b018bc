import { join } from "node:path";
import type { Clock } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import { type Fleet, POLL_OFTEN } from "../fleet.ts";
import { createFileChanges } from "./file_changes.ts";
import { createFileLeaseStore } from "./file_leases.ts";
import { createFileMembers } from "./file_members.ts";
import { createFileNews } from "./file_news.ts";
import { createFileOrders } from "./file_orders.ts";

/** A fleet of processes that share a folder, which is made where it is not there yet. */
export function createFileFleet(folder: string, clock: Clock, random: Random): Fleet {
  const changes = createFileChanges(folder, random);
  return {
    leases: createFileLeaseStore(join(folder, "leases"), { clock, random, changes }),
    members: createFileMembers(join(folder, "members"), clock, changes),
    news: createFileNews(join(folder, "news"), clock),
    orders: createFileOrders(join(folder, "orders"), { clock, random, changes }),
    changes: () => changes.read(),
    isShared: true,
    poll: POLL_OFTEN,
  };
}
