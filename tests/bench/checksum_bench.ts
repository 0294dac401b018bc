/**
 * What the checksum of an object costs, beside the hash that S3's signature needs of it anyway:
 * `deno run -A tests/bench/checksum_bench.ts`. Prints the best of many rounds in MB/s.
 */
import { createHash } from "node:crypto";
import { crc32Hex } from "../../src/support/bytes/crc32.ts";
import { systemClock } from "../../src/support/clock.ts";

const ROUNDS = 100;

for (const mib of [1, 16]) {
  const bytes = new Uint8Array(mib * 1024 ** 2).map((_, i) => (i * 31) ^ (i >> 9));
  const sums = {
    "CRC-32": () => crc32Hex(bytes),
    "SHA-256": () => createHash("sha256").update(bytes).digest(),
  };
  for (const [name, sum] of Object.entries(sums)) {
    let bestMs = Infinity;
    for (let round = 0; round < ROUNDS; round++) {
      const begunMs = systemClock.monotonicMs();
      sum();
      bestMs = Math.min(bestMs, systemClock.monotonicMs() - begunMs);
    }
    console.log(`${name} of ${mib} MiB: ${Math.round(bytes.length / bestMs / 1000)} MB/s`);
  }
}
