import type { CollectionStream } from "../../src/model/layout.ts";
import { isNamespaceWanted } from "../../src/model/namespace_filter.ts";
import type { NamespaceFilter } from "../../src/model/settings.ts";
import type { MemoryOplog } from "../../src/source/memory_oplog.ts";

/** The collections that a server has now and that a filter lets through. */
export function listCollections(oplog: MemoryOplog, filter: NamespaceFilter): CollectionStream[] {
  return oplog.collections.filter((name) => isNamespaceWanted(filter, name)).map((name) => ({
    level: "collection",
    database: name.slice(0, name.indexOf(".")),
    collection: name.slice(name.indexOf(".") + 1),
  }));
}
