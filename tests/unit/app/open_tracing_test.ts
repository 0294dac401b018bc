import assert from "node:assert/strict";
import type { MonitorParts } from "../../../src/app/monitoring.ts";
import { openTracing } from "../../../src/app/open_tracing.ts";
import { silentLog } from "../../../src/support/log.ts";
import { configOf } from "../../support/load_config.ts";
import { SeededRandom } from "../../support/seeded_random.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

Deno.test("openTracing begins to trace only where the environment asks for it", async () => {
  const clock = new VirtualClock();
  const deferred: (() => Promise<void>)[] = [];
  const open = (env: Record<string, string>) =>
    openTracing({
      config: configOf({}),
      tools: {
        clock,
        random: new SeededRandom(1),
        log: silentLog,
        env: (name: string) => env[name],
      },
      resources: { defer: (release: () => Promise<void>) => deferred.push(release) },
      owner: "host-1-x",
    } as unknown as MonitorParts);
  assert.equal(await open({}), undefined);
  assert.equal(deferred.length, 0);
  assert.notEqual(await open({ OTEL_DENO: "true" }), undefined);
  assert.equal(deferred.length, 1);
  await clock.finish(deferred[0]!());
  assert.equal(clock.timerCount, 0);
});
