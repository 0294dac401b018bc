/**
 * What joining small Parquet objects costs: `deno run -A tests/bench/concat_bench.ts DESTINATION [MIB] [ROWS]`.
 *
 * Puts objects of so many rows (default 500) until there are so many MiB (default 1024), joins them as a compaction does, and prints
 * the rate and the memory that the process took at most.
 */
import { openDestination } from "../../src/destination/destinations.ts";
import { DEFAULT_RETRY } from "../../src/destination/open_destination.ts";
import { probeDestination } from "../../src/destination/probe.ts";
import { concatParquet } from "../../src/encode/parquet/concat_parquet.ts";
import { systemClock } from "../../src/support/clock.ts";
import { mapLimited } from "../../src/support/flow/limited.ts";
import { systemRandom } from "../../src/support/random.ts";
import { encodedRows } from "../support/encoded_rows.ts";
import { s3TestOptions } from "../support/s3_bucket.ts";

const INPUTS_MAX = 500;
const OUTPUT_BYTES_MAX = 128 * 1024 ** 2;

const [url = "memory:", mib = "1024", rows = "500"] = Deno.args;
const s3 = url.startsWith("s3:") ? { s3: s3TestOptions() } : {};
const tools = { clock: systemClock, random: systemRandom };
const destination = await openDestination(url, { retry: DEFAULT_RETRY, ...s3 }, tools);
await probeDestination(destination, systemRandom);
const bytes = await encodedRows({ format: "parquet", compression: "zstd" }, Number(rows));
const count = Math.ceil(Number(mib) * 1024 ** 2 / bytes.length);
const keys = Array.from({ length: count }, (_, i) => `inputs/${i}.parquet`);
await mapLimited(keys, 16, (key) => destination.putIfAbsent(key, bytes));

let rssMax = 0;
const look = setInterval(() => rssMax = Math.max(rssMax, Deno.memoryUsage().rss), 20);
const rssBefore = Deno.memoryUsage().rss;
const startMs = systemClock.monotonicMs();
const perOutput = Math.min(INPUTS_MAX, Math.floor(OUTPUT_BYTES_MAX / bytes.length));
let outputs = 0;
for (let first = 0; first < count; first += perOutput) {
  const inputs = keys.slice(first, first + perOutput)
    .map((key) => ({ key, bytes: bytes.length, rows: Number(rows) }));
  const joined = concatParquet(inputs, (key, range) => destination.get(key, range));
  await destination.putStreamed(`outputs/${startMs}-${outputs++}.pq`, joined);
}
const seconds = (systemClock.monotonicMs() - startMs) / 1000;
clearInterval(look);
await destination.close();
const mb = count * bytes.length / 1e6;
console.log(
  `${count} objects of ${bytes.length} bytes became ${outputs}: ${seconds.toFixed(1)} s, ${
    (mb / seconds).toFixed(0)
  } MB/s, memory ${(rssBefore / 1e6).toFixed(0)} -> ${(rssMax / 1e6).toFixed(0)} MB`,
);
