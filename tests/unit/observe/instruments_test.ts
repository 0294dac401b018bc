import assert from "node:assert/strict";
import { createInstruments } from "../../../src/observe/instruments.ts";
import {
  COUNTERS,
  GAUGES,
  HISTOGRAMS,
  PROCESS_METRICS,
} from "../../../src/observe/metric_table.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const options = {
  prefix: "rigatoni",
  everywhere: { instance_id: "host-1-5f0e", instance_name: "host-1", pipeline: "shop" },
  clock: new VirtualClock(),
};
const EVERYWHERE = 'instance_id="host-1-5f0e",instance_name="host-1",pipeline="shop"';

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

Deno.test("createInstruments labels each value with the instance, its name and the pipeline", async () => {
  const instruments = createInstruments(options);
  instruments.counters.retries_total.inc({ stage: "source" }, 2);
  const { text } = await instruments.render();
  assert.ok(text.includes(`\nrigatoni_retries_total{stage="source",${EVERYWHERE}} 2\n`));
  const values = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assert.deepEqual(values.filter((line) => !line.includes(EVERYWHERE)), []);
});

Deno.test("createInstruments measures the process when it is asked", async () => {
  const { text } = await createInstruments(options).render();
  for (const name of Object.keys(PROCESS_METRICS)) {
    const value = new RegExp(`^${name}\\{${EVERYWHERE}\\} (\\S+)$`, "m").exec(text)?.[1];
    assert.ok(Number(value) > 0, `${name} is ${value}`);
  }
});

Deno.test("createInstruments keeps two sets apart", async () => {
  const [one, other] = [createInstruments(options), createInstruments(options)];
  one.counters.history_gaps_total.inc();
  assert.match((await other.render()).text, /^rigatoni_history_gaps_total\{[^}]*\} 0$/m);
});
