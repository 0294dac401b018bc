/** A mongod whose oplog holds so little that it can be made to forget. */
import { type Document, MongoClient } from "mongodb";
import { startMongod } from "../../scripts/services/mongod.ts";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { onAdmin } from "./mongo_commands.ts";

/** It is cut every second. */
const SMALL_OPLOG = { oplogMegabytes: 2, cacheGigabytes: 0.25, args: ["--syncdelay", "1"] };

const ROLL_MS_MAX = 240_000;

export interface ForgetfulMongod extends AsyncDisposable {
  readonly url: string;
  readonly client: MongoClient;
  /** Writes elsewhere until nothing that was there before is left in the oplog. */
  forget(): Promise<void>;
}

export async function startForgetfulMongod(): Promise<ForgetfulMongod> {
  const server = await startMongod(SMALL_OPLOG);
  const client = new MongoClient(server.url);
  return {
    url: server.url,
    client,
    async forget() {
      const [reply] = await onAdmin(server.url, { hello: 1 });
      const now: Document = reply!["operationTime"];
      const texts = Array.from({ length: 40 }, () => ({ text: "x".repeat(100_000) }));
      const forgotten = await waitUntil(systemClock, ROLL_MS_MAX, async () => {
        await client.db("elsewhere").collection("filler").insertMany(texts.map((t) => ({ ...t })));
        const oplog = client.db("local").collection("oplog.rs");
        const oldest = await oplog.findOne({}, { sort: { $natural: 1 } });
        return oldest!["ts"].compare(now) > 0 ? true : undefined;
      });
      if (!forgotten) throw new Error("The oplog still reaches back");
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
