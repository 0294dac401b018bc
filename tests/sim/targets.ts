import type { CollectionStream } from "../../src/model/layout.ts";
import type { Stream } from "../../src/model/stream.ts";
import type { SeededRandom } from "../support/seeded_random.ts";

/** What the instances are told to stream. */
export interface Targets {
  readonly whole: readonly Stream[];
  readonly collections: readonly CollectionStream[];
  readonly partitions: number;
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
