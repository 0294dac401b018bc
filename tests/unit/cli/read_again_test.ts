import assert from "node:assert/strict";
import { readAgain } from "../../../src/cli/read_again.ts";
import { LiveConfig } from "../../../src/config/live_config.ts";
import type { Reading } from "../../../src/config/reload.ts";
import type { LogFields } from "../../../src/support/log.ts";
import { load, REQUIRED } from "../../support/load_config.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const read = (env: Readonly<Record<string, string>>) => load({ env: { ...REQUIRED, ...env } });

/** Reads these settings again after those, and keeps what is said. */
function again(before: Record<string, string>, now: Record<string, string>) {
  const first = read(before);
  assert.ok(first.ok);
  const live = new LiveConfig(first.config);
  const said: [string, string, LogFields | undefined][] = [];
  let levelNow = first.config.logLevel;
  live.onReplaced(({ logLevel }) => levelNow = logLevel);
  const sayAs = (level: string) => (message: string, fields?: LogFields) =>
    void said.push([`${level} at ${levelNow}`, message, fields]);
  const log = {
    debug: sayAs("debug"),
    info: sayAs("info"),
    warn: sayAs("warn"),
    error: sayAs("error"),
  };
  const take = (env: Record<string, string>): Reading =>
    readAgain(first, read(env), live, { log, clock: new VirtualClock() });
  const inForce = take(now);
  return { inForce, first, live, said, take };
}

Deno.test("readAgain() replaces the configuration and says what has changed", () => {
  const { inForce, live, said } = again({}, { BATCH_SIZE: "9", MONGODB_COLLECTIONS: "!a.b" });
  assert.equal(live.current.batchRowsMax, 9);
  assert.equal(live.current, inForce.config);
  const changed = ["MONGODB_COLLECTIONS: none -> !a.b", "BATCH_SIZE: 50000 -> 9"];
  assert.deepEqual(said, [["info at info", "Configuration was read again", { changed }]]);
});

Deno.test("readAgain() says what has changed while the log still or already shows it", () => {
  for (const [before, now, at] of [["info", "error", "info"], ["error", "debug", "debug"]]) {
    const { said } = again({ LOG_LEVEL: before! }, { LOG_LEVEL: now! });
    assert.equal(said[0]![0], `info at ${at}`);
  }
});

Deno.test("readAgain() changes nothing where there are faults, and names all of them", () => {
  const { inForce, first, live, said } = again({}, {
    BATCH_SIZE: "0",
    FORMAT: "x",
    LOG_LEVEL: "debug",
  });
  assert.equal(inForce, first);
  assert.equal(live.current, first.config);
  const [[level, message, fields]] = said as [[string, string, { faults: string[] }]];
  assert.deepEqual([said.length, level], [1, "error at info"]);
  assert.equal(message, "Configuration has faults; nothing changes");
  assert.deepEqual(fields.faults.map((fault) => fault.split(" ")[0]).sort(), [
    "BATCH_SIZE",
    "FORMAT",
  ]);
});

Deno.test("readAgain() keeps in sight that settings were refused, until good ones are read", () => {
  const { live, take } = again({}, { BATCH_SIZE: "0", FORMAT: "x" });
  const { atMs, reason } = live.refused!;
  assert.equal(atMs, new VirtualClock().wallMs());
  assert.match(reason, /^FORMAT .*; and 1 more$/);
  take({});
  assert.equal(live.refused, undefined);
  take({ BATCH_SIZE: "0" });
  assert(live.refused !== undefined);
  take({ BATCH_SIZE: "9" });
  assert.equal(live.refused, undefined);
});

Deno.test("readAgain() warns of what waits for a restart", () => {
  const { said, live, first } = again({}, { FORMAT: "csv" });
  assert.deepEqual(said, [
    ["warn at info", "Changed settings wait for a restart", { settings: ["FORMAT"] }],
    ["info at info", "Configuration was read again; nothing changes", undefined],
  ]);
  assert.equal(live.current, first.config);
});
