/** The table of `docs/failure-times.md` that says who tries what again, held against the code. */
import assert from "node:assert/strict";
import { DEFAULT_RETRY, PROBE_RETRY } from "../../src/destination/open_destination.ts";
import { AWAY_INTERVAL_MS, PROBE_TIMEOUT_MS } from "../../src/observe/status/dependency_watch.ts";
import { backoffMs } from "../../src/support/flow/backoff.ts";
import { listFiles, ROOT } from "../support/tidy/source_file.ts";

const PAGE = "docs/failure-times.md";

/** Each file that tries something again, and the row about it. */
const ROWS: Readonly<Record<string, string>> = {
  "src/coordinate/coordinator.ts": "instance",
  "src/coordinate/lease/timed_leases.ts": "lease",
  "src/coordinate/objects/own_member.ts": "leases in a bucket: a slot",
  "src/coordinate/objects/replace_probe.ts": "leases in a bucket: the look at the start",
  "src/coordinate/objects/shared_division.ts": "leases in a bucket",
  "src/coordinate/stream_backoff.ts": "instance",
  "src/destination/directory/directory.ts": "destination in a folder",
  "src/destination/retry.ts": "destination on S3",
  "src/operate/move_position.ts": "`position` moves",
  "src/pipeline/collections/namespace_watch.ts": "watch of collections",
  "src/pipeline/recover/open_earliest.ts": "stream: start at the oldest event",
  "src/pipeline/recover/redo.ts": "redo",
  "src/pipeline/run/supervise_stream.ts": "stream: run",
  "src/state/redis_connection.ts": "Redis client",
  "src/table/iceberg/rest/rest_client.ts": "Iceberg catalog",
};

const REPEATS = /\bbackoffMs\(|\b[A-Z_]*TRIES_MAX\b/;

Deno.test("whoever tries something again has a row in the docs, and no layer more than the table says", () => {
  const found = listFiles("src").filter((path) => path !== "src/support/flow/backoff.ts")
    .filter((path) => REPEATS.test(Deno.readTextFileSync(ROOT + path))).sort();
  assert.deepEqual(found, Object.keys(ROWS).sort(), `say in ${PAGE} what is tried again, and here`);
  const rows = Deno.readTextFileSync(ROOT + PAGE).split("\n").filter((line) => /^\|/.test(line));
  for (const name of Object.values(ROWS)) {
    assert(rows.some((row) => row.startsWith(`| ${name} |`)), `${PAGE} has no row "${name}"`);
  }
});

Deno.test("the docs say how long requests to S3 are repeated with the default settings", () => {
  const secondsOf = (fraction: number) => {
    const random = { fraction: () => fraction, hex: () => "", uuid: () => "" };
    let totalMs = 0;
    for (let n = 1; n <= DEFAULT_RETRY.retriesMax; n++) {
      totalMs += backoffMs(n, DEFAULT_RETRY, random);
    }
    return totalMs / 1000;
  };
  // "2.5 to 5 minutes".
  assert.deepEqual([secondsOf(0), secondsOf(1)], [151.5, 303]);
  const text = Deno.readTextFileSync(ROOT + PAGE);
  assert.match(text, /with S3 away a stream makes 11 requests for a record, in 2.5 to 5 minutes/);
  assert.equal(DEFAULT_RETRY.retriesMax + 1, 11);
});

Deno.test("the docs say how often a service is probed that is away", () => {
  const text = Deno.readTextFileSync(ROOT + PAGE);
  const [away, silent] = [AWAY_INTERVAL_MS / 1000, PROBE_TIMEOUT_MS / 1000];
  assert(text.includes(`no answer in ${silent} s is none | ${away} s while it is away`));
  assert.equal(PROBE_RETRY.retriesMax, 1);
  assert(text.includes(`| once | ${PROBE_RETRY.firstMs / 1000} s | the next probe |`));
});
