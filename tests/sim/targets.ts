import type { CollectionStream } from "../../src/model/layout.ts";
import type { Stream } from "../../src/model/stream.ts";
import type { NamespaceFilter } from "../../src/model/settings.ts";
import type { Features } from "./features.ts";
import type { SeededRandom } from "../support/seeded_random.ts";

/** What the instances are told to stream. */
export interface Targets {
  readonly whole: readonly Stream[];
  readonly collections: readonly CollectionStream[];
  readonly partitions: number;
  /** The collections are those that there are and that this lets through. */
  readonly listing?: NamespaceFilter;
  /** What each instance wants of the whole streams, where they differ: one after the other has the next of these. */
  readonly selections?: readonly NamespaceFilter[];
  /** The instances do not know of each other: only the journals tell. */
  readonly isApart?: boolean;
}

const collection = (database: string, name: string): CollectionStream => ({
  level: "collection",
  database,
  collection: name,
});

/** Databases and collections that applications write to, in every world. */
export const NAMESPACES = [
  ["shop", "orders"],
  ["shop", "items"],
  ["crm", "users"],
  ["crm", "a/../../b"],
] as const;

export function pickTargets(random: SeededRandom): Targets {
  const partitions = random.pick([1, 1, 2, 3]);
  const collections = [collection("crm", "users"), collection("crm", "a/../../b")];
  switch (random.below(5)) {
    case 0:
      return { whole: [{ level: "deployment" }], collections: [], partitions: 1 };
    case 1:
      return { whole: [{ level: "database", database: "shop" }], collections: [], partitions: 1 };
    case 2:
      return {
        whole: [{ level: "database", database: "shop" }],
        collections: collections.slice(0, 1),
        partitions,
      };
    case 3:
      return { whole: [], collections: [collection("shop", "orders")], partitions };
    default:
      return { whole: [], collections: [collection("shop", "orders"), ...collections], partitions };
  }
}

/** The targets of a world whose streams share change streams: of a database, or of the deployment. */
export function sharedTargets(random: SeededRandom): Targets {
  const shop = SHARED_NAMES.map((name) => collection("shop", name));
  const crm = [collection("crm", "users"), collection("crm", "a/../../b")];
  return { whole: [], collections: random.chance(0.5) ? shop : [...shop, ...crm], partitions: 1 };
}

/** The targets of a world with snapshots: those that can be taken. */
export function snapshotTargets(random: SeededRandom): Targets {
  const orders = collection("shop", "orders");
  const crm = [collection("crm", "users"), collection("crm", "a/../../b")];
  const none = { whole: [], collections: [], partitions: 1 };
  return random.pick([
    { ...none, whole: [SHOP] },
    { ...none, whole: [SHOP], collections: crm },
    { ...none, collections: [orders] },
    { ...none, collections: [orders, ...crm] },
  ]);
}

/** Collections of one database that are read together. */
export const SHARED_NAMES = ["orders", "items", "carts", "prices"] as const;

/** The targets of a world that watches something unusual; they take the place of the usual ones. */
export function unusualTargets(
  watch: Features["watch"],
  usual: Targets,
  random: SeededRandom,
): Targets {
  const partitions = random.pick([1, 1, 1, 2]);
  const none = { whole: [], collections: [], partitions };
  switch (watch) {
    case "usual":
      return usual;
    case "listed":
      return { ...none, listing: { include: ["shop.*"], exclude: [] } };
    case "rivals":
      return {
        ...none,
        whole: [SHOP],
        isApart: random.chance(0.6),
        selections: ["shop.orders", "shop.items"].map((name) => ({ include: [name], exclude: [] })),
      };
    case "retired":
      return { ...none, collections: [collection("shop", "orders"), collection("shop", "items")] };
  }
}

/** In some worlds fewer collections: what nobody watched is read when a stream of the database follows. */
export function someTargets(targets: Targets, random: SeededRandom): Targets {
  if (random.chance(0.5)) return targets;
  return { ...targets, collections: targets.collections.slice(0, 1) };
}

/** The database in which everything unusual happens. */
export const SHOP: Stream = { level: "database", database: "shop" };

/** Whether a filter of whole names lets a collection through; what concerns a whole database always passes. */
export function lets(filter: NamespaceFilter, database: string, name: string | null): boolean {
  return filter.include.length === 0 || name === null ||
    filter.include.includes(`${database}.${name}`);
}
