/** Streams one collection into a folder for as long as you like, and says how far it is. */
import { runPipeline } from "tributary";

const pipeline = await runPipeline({
  mongodbUri: Deno.env.get("MONGODB_URI") ?? "mongodb://127.0.0.1:27017/?replicaSet=rs0",
  mongodbCollections: [Deno.env.get("COLLECTION") ?? "shop.orders"],
  destination: Deno.env.get("DESTINATION") ?? "file:///tmp/lake",
  batchTimeout: "1s",
}, { log: { ...console, debug() {} } });

Deno.addSignalListener("SIGINT", () => void pipeline.stop());
const timer = setInterval(() => {
  for (const { name, events, lakeLagSeconds } of pipeline.status().streams) {
    console.log(`${name}: ${events} events, ${lakeLagSeconds ?? "?"} s behind in the lake`);
  }
}, 1000);
console.log(`Ended: ${await pipeline.done}`);
clearInterval(timer);
Deno.exit();
