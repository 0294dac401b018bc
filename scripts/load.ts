/**
 * Writes a steady or bursty load into any MongoDB, for drills and for people who try tributary.
 *
 *     deno task load --uri mongodb://127.0.0.1:27017/ --rate 500 --updates 0.3 --duration 1m
 *
 * The same seed writes the same changes, but for `_id`. Stops with Ctrl-C; `--help` shows all options.
 */
import { MongoClient } from "mongodb";
import { errorMessage } from "../src/model/errors.ts";
import { systemClock } from "../src/support/clock.ts";
import { redact } from "../src/support/redact.ts";
import { type LoadOptions, parseLoadOptions, USAGE } from "./load/options.ts";
import { writeLoad } from "./load/write_load.ts";
import { LiveLine, standardOutput } from "./terminal/live_line.ts";
import { grouped } from "./terminal/text_table.ts";

async function load(options: LoadOptions, signal: AbortSignal): Promise<void> {
  await using client = new MongoClient(options.uri, { serverSelectionTimeoutMS: 10_000 });
  const line = new LiveLine(standardOutput(), systemClock);
  const startMs = systemClock.monotonicMs();
  const tell = (written: number) => {
    const seconds = (systemClock.monotonicMs() - startMs) / 1000;
    const rate = grouped(Math.round(written / Math.max(seconds, 0.001)));
    line.show(`${seconds.toFixed(0)} s: ${grouped(written)} changes, ${rate} a second`);
  };
  await writeLoad(client.db(options.database), options, { clock: systemClock, signal, tell });
  line.end();
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => controller.abort());
  }
  return controller.signal;
}

try {
  if (Deno.args.includes("--help")) console.log(USAGE);
  else await load(parseLoadOptions(Deno.args), interruption());
  Deno.exit(0);
} catch (error) {
  console.error(redact(errorMessage(error)));
  Deno.exit(1);
}
