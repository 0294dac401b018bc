import { ObjectId } from "mongodb";
import { createMemorySource } from "../../src/source/memory/memory_source.ts";
import { MemoryOplog } from "../../src/source/memory/memory_oplog.ts";
import type { GroupSource } from "../../src/source/shared/group_source.ts";
import { systemClock } from "../../src/support/clock.ts";
import { openMongo } from "../support/mongo_source.ts";
import { testInvalidates } from "./invalidate_contract.ts";
import { inCompany } from "./shared_source.ts";
import { testReadingByNamespace } from "./namespace_contract.ts";
import { type SourceUnderTest, testSourceContract } from "./source_contract.ts";

testSourceContract("source in memory", () => Promise.resolve(openMemory()));
testSourceContract("source from mongod", openMongo);
testInvalidates("source in memory", () => Promise.resolve(openMemory()));
testInvalidates("source from mongod", openMongo);
testReadingByNamespace("source in memory", () => Promise.resolve(openMemory()));
testReadingByNamespace("source from mongod", openMongo);
testReadingByNamespace(
  "change stream in memory that two share",
  () => Promise.resolve(inCompany(openMemory())),
);
testReadingByNamespace("change stream of mongod that two share", async () => {
  return inCompany(await openMongo());
});

function openMemory(): SourceUnderTest & { readonly source: GroupSource } {
  const oplog = new MemoryOplog({ t: 1_763_690_000, i: 1 });
  const database = "shop";
  let documents = 0;
  return {
    source: createMemorySource({ oplog, clock: systemClock, awaitMs: 20 }),
    stream: { level: "collection", database, collection: "orders" },
    insert(count, collection = "orders") {
      for (let i = 0; i < count; i++) {
        const id = new ObjectId((documents++).toString(16).padStart(24, "0"));
        oplog.append({
          operation: "insert",
          database,
          collection,
          id,
          fullDocument: { _id: id, index: i },
        });
      }
      return Promise.resolve();
    },
    drop() {
      oplog.append({ operation: "drop", database, collection: "orders" });
      return Promise.resolve();
    },
    rename(from, to) {
      oplog.append({ operation: "rename", database, collection: from, to });
      return Promise.resolve();
    },
    changeUnreadably() {
      const id = new ObjectId();
      const unreadable = "image-missing";
      oplog.append({ operation: "update", database, collection: "orders", id, unreadable });
      return Promise.resolve();
    },
    passTime() {
      oplog.advanceTo({ t: oplog.operationTime.t + 1, i: 1 });
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
