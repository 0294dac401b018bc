import assert from "node:assert/strict";
import { createInstruments } from "../../../src/observe/instruments.ts";
import {
  COUNTERS,
  GAUGES,
  HISTOGRAMS,
  PROCESS_METRICS,
} from "../../../src/observe/metric_table.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const options = { prefix: "rigatoni", instanceId: "host-1", clock: new VirtualClock() };

Deno.test("createInstruments makes every metric of the table under the prefix, with help and type", async () => {
  const { text } = await createInstruments(options).render();
  const kinds = { counter: COUNTERS, histogram: HISTOGRAMS, gauge: GAUGES };
  for (const [kind, table] of Object.entries(kinds)) {
    for (const [name, { help }] of Object.entries(table)) {
      assert.ok(text.includes(`# HELP rigatoni_${name} ${help}\n`), name);
      assert.ok(text.includes(`# TYPE rigatoni_${name} ${kind}\n`), name);
    }
  }
});

Deno.test("createInstruments labels each value with the instance", async () => {
  const instruments = createInstruments(options);
  instruments.counters.retries_total.inc({ stage: "source" }, 2);
  const { text } = await instruments.render();
  assert.match(text, /^rigatoni_retries_total\{stage="source",instance_id="host-1"\} 2$/m);
  const values = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assert.deepEqual(values.filter((line) => !line.includes('instance_id="host-1"')), []);
});

Deno.test("createInstruments measures the process when it is asked", async () => {
  const { text } = await createInstruments(options).render();
  for (const name of Object.keys(PROCESS_METRICS)) {
    const value = new RegExp(`^${name}\\{instance_id="host-1"\\} (\\S+)$`, "m").exec(text)?.[1];
    assert.ok(Number(value) > 0, `${name} is ${value}`);
  }
});

Deno.test("createInstruments keeps two sets apart", async () => {
  const [one, other] = [createInstruments(options), createInstruments(options)];
  one.counters.history_gaps_total.inc();
  assert.match((await other.render()).text, /^rigatoni_history_gaps_total\{[^}]*\} 0$/m);
});
