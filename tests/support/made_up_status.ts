/** A status of a fleet that does not exist, for looking at the page in good times and in bad ones. */
import type { Cause } from "../../src/observe/status/cause_facts.ts";
import type { Status, StatusInstance } from "../../src/observe/status/status.ts";
import type { StatusStream } from "../../src/observe/status/status_streams.ts";

export const MADE_UP_AT = "2026-11-29T02:13:20.000Z";

/** So many seconds before the made-up now. */
export function madeUpTime(secondsAgo: number): string {
  return new Date(Date.parse(MADE_UP_AT) - secondsAgo * 1000).toISOString();
}

const COLLECTIONS = [
  ...["orders", "carts", "payments", "customers", "customer_addresses", "products", "inventory"],
  ...["shipments", "returns", "reviews", "sessions", "search_queries", "price_changes", "coupons"],
  ...["order_items", "warehouse_stock_movements", "audit_log", "notifications", "refunds"],
];

/** A stream that is read and stored; all of them differ a little. */
export function madeUpStream(n: number, differs: Partial<StatusStream> = {}): StatusStream {
  const round = Math.floor(n / COLLECTIONS.length);
  const collection = COLLECTIONS[n % COLLECTIONS.length]! + (round === 0 ? "" : `_${round + 1}`);
  const lag = [0.4, 1.2, 9.5, 3, 0.8][n % 5]!;
  const rate = [340.4, 12, 0, 1800.5, 0.2][n % 5]!;
  return {
    key: `collection.shop.${collection}`,
    name: `collection:shop.${collection}`,
    condition: "running",
    owner: `tributary-${n % 3}`,
    freeSince: null,
    local: n % 3 === 0,
    generation: 3 + n,
    lagSeconds: lag,
    lakeLagSeconds: lag + [11, 25, 0, 4, 0][n % 5]!,
    positionAgeSeconds: lag + 30,
    oplogHeadroomSeconds: 93_000 - n,
    rates: Array.from({ length: 60 }, (_, i) => rate * (1 + Math.sin((i + n) / 9) / 2)),
    events: 1000 * (n + 1) * (n + 7),
    objects: 40 * (n + 1),
    bytes: 1_000_000 * (n + 1),
    deadLetters: 0,
    bufferedEvents: [900, 14, 0, 4000, 0][n % 5]!,
    lastObject: {
      key:
        `db=shop/coll=${collection}/year=2026/month=11/day=29/hour=02/${collection}-4f0e-81-0.parquet`,
      rows: 812,
      bytes: 92_000,
      at: madeUpTime(14),
    },
    error: null,
    ...differs,
  };
}

export interface MadeUp {
  readonly streams: readonly StatusStream[];
  readonly causes?: readonly Cause[];
  readonly away?: Readonly<Record<string, string>>;
  readonly differs?: Partial<Status>;
}

/** The status of a fleet of three instances. */
export function madeUpStatus({ streams, causes = [], away = {}, differs }: MadeUp): Status {
  const state = (name: string) =>
    away[name] === undefined ? "healthy" as const : "unhealthy" as const;
  const instance = (n: number): StatusInstance => ({
    ...{ id: `i${n}`, name: `tributary-${n}`, self: n === 0, version: "1.4.0", leaving: false },
    ...{ streams: streams.filter((s) => s.owner === `tributary-${n}`).length, state: "running" },
    ...{ startedAt: madeUpTime(93_000 + n * 4000), address: `http://10.0.0.${n + 4}:8080` },
  });
  return {
    at: MADE_UP_AT,
    status: causes.length === 0 ? "healthy" : "degraded",
    processing_status: "running",
    instance: {
      ...{ id: "i0", name: "tributary-0", pipeline: "lake/shop", version: "1.4.0" },
      startedAt: madeUpTime(93_000),
    },
    dependencies: (["mongodb", "redis", "destination"] as const).map((name) => ({
      name,
      state: state(name),
      since: madeUpTime(state(name) === "healthy" ? 93_000 : 740),
      reason: away[name] ?? null,
      refuses: false,
    })),
    memory: { budgetBytes: 256 << 20, bufferedBytes: 31 << 20, bufferedEvents: 48_210 },
    oplogWindowSeconds: 93_600,
    reading: { changeStreams: 0, shared: [], alone: [], waiting: 0 },
    fleetAt: madeUpTime(3),
    instances: [0, 1, 2].map(instance),
    streams,
    causes,
    limits: { lagSeconds: 300, lakeLagSeconds: 330 },
    ...differs,
  };
}
