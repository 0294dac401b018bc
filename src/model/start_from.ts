import type { ClusterTime } from "./cluster_time.ts";

/** Where the first start of a target begins. */
export type StartFrom =
  | { readonly kind: "now" }
  | { readonly kind: "earliest" }
  /** Seconds since 1970. */
  | { readonly kind: "time"; readonly seconds: number }
  /** After the event with this `_data`. */
  | { readonly kind: "token"; readonly data: string };

/** A place that a person names: as `START_FROM` does, or before the first event of an operation time. */
export type Point = StartFrom | { readonly kind: "operation"; readonly time: ClusterTime };

/** What a stream does where the oplog has lost what it needs; `snapshot`: as `restart`, and all documents are read again. */
export type OnHistoryLost = "fail" | "restart" | "snapshot";
