import assert from "node:assert/strict";
import type { CauseInstance, CauseStream } from "../../../../src/observe/status/cause_facts.ts";
import { aboutSilent } from "../../../../src/observe/status/silent_causes.ts";

const AT = "2026-11-21T00:00:00.000Z";
const HOST: CauseInstance = { name: "host-1", state: "running" };
const SILENT: CauseInstance = {
  ...{ name: "host-2", state: "silent", silentSince: AT, leaseMsLeft: 12_300 },
};

function streamOf(name: string, more: Partial<CauseStream> = {}): CauseStream {
  return {
    ...{ name, condition: "free", leftBy: "host-2", lagSeconds: 28, lakeLagSeconds: 28 },
    ...{ oplogHeadroomSeconds: 3000, bufferedEvents: 0, error: null },
    ...more,
  };
}

function causes(instances: CauseInstance[], streams: CauseStream[]) {
  const limits = { lagSeconds: 300, lakeLagSeconds: 360 };
  const facts = { dependencies: [], streams, instances, oplogWindowSeconds: null, limits };
  return aboutSilent(
    facts,
    ({ lagSeconds }) => (lagSeconds ?? 0) > limits.lagSeconds,
    (explained) => explained.map(({ name }) => name),
  );
}

Deno.test("aboutSilent says of an instance that is silent, and of its streams alone, when they are taken over", () => {
  const streams = [
    streamOf("a"),
    streamOf("b", { condition: "running", leftBy: "host-1" }),
    streamOf("c", { condition: "paused" }),
  ];
  assert.deepEqual(causes([HOST, SILENT], streams), [{
    ...{ id: "instance-silent", severity: "warning", since: AT, text: "host-2 is silent." },
    next:
      "Its streams are taken over when its lease ends, in at most 13 s. See whether it hangs, " +
      "is suspended, or cannot reach the others: its machine, its log.",
    streams: ["a"],
  }]);
  const late = streamOf("d", { lagSeconds: 301 });
  assert.equal(causes([HOST, SILENT], [...streams, late])[0]?.severity, "critical");
  assert.deepEqual(causes([HOST], streams), []);
});

Deno.test("aboutSilent says what to do where nobody else is there, or nothing is left by it", () => {
  const [alone] = causes([SILENT], [streamOf("a")]);
  assert.equal(alone?.severity, "critical");
  assert.match(alone!.next, /^No other instance is there to take its streams: start one\. See/);
  const [idle] = causes([HOST, SILENT], []);
  assert.match(idle!.next, /^See whether it hangs/);
  const other = { ...SILENT, name: "host-3" };
  assert.equal(causes([SILENT, other], [])[0]?.text, "host-2, host-3 are silent.");
});
