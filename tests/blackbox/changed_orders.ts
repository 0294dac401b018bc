import { join } from "node:path";
import type { MongoWriter } from "../support/mongo_writer.ts";
import { startProgram } from "../support/program.ts";
import { waitForFolder } from "./judge.ts";

/** Runs the program over 20 orders of before, of which 5 are changed then and 5 others deleted, until the folder has it all. */
export async function streamChangedOrders(
  writer: MongoWriter,
  env: Readonly<Record<string, string>>,
  folder: string,
): Promise<void> {
  await writer.insert(["orders"], 20);
  await using program = startProgram(["run"], { env });
  await waitForFolder(join(folder, "db=*"), 20);
  const orders = writer.client.db(writer.database).collection("orders");
  await orders.updateMany({ n: { $lt: 5 } }, { $set: { text: "changed" } });
  await orders.deleteMany({ n: { $gte: 15 } });
  await waitForFolder(join(folder, "db=*"), 30);
  program.kill("SIGTERM");
  await program.ended;
}
