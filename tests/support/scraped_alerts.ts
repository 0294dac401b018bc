/** Samples that a real instance gave, fed to the shipped alert rules as Prometheus would have scraped them. */
import { ROOT } from "./tidy/source_file.ts";

/** What an instance showed at one scrape; undefined: it did not answer. */
export type Scrape = string | undefined;

/** What a scrape adds; a job of any name, for the rules must not ask for one. */
const FOUND_AT = 'job="kubernetes-pods",instance="10.0.0.1:8080"';

/** Minutes that pass between two scrapes, as the rules see it. */
const SCRAPE_MINUTES = 1;

/** What was scraped, and what is made of it. */
export interface ScrapedTime {
  readonly scrapes: readonly Scrape[];
  /** When the alerts are looked at: so many minutes after the first scrape. The last one stands for all that followed. */
  readonly minutes: number;
  /** Gauges that grow with the time after the last scrape. Counters go on as they did before it, all else stays. */
  readonly growing?: RegExp;
}

/** Throws unless exactly these alerts fire. */
export async function assertFiring(
  promtool: (...args: string[]) => Promise<string>,
  time: ScrapedTime,
  expected: readonly string[],
): Promise<void> {
  const { minutes } = time;
  const file = await Deno.makeTempFile({ suffix: ".json" });
  const expr = 'group by (alertname) (ALERTS{alertstate="firing"})';
  const exp_samples = expected.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 }));
  const text = {
    rule_files: [`${ROOT}deploy/prometheus/alerts.yaml`],
    evaluation_interval: "1m",
    tests: [{
      interval: `${SCRAPE_MINUTES}m`,
      input_series: seriesOf(time),
      promql_expr_test: [{ expr, eval_time: `${minutes}m`, exp_samples }],
    }],
  };
  try {
    await Deno.writeTextFile(file, JSON.stringify(text));
    await promtool("test", "rules", file);
  } finally {
    await Deno.remove(file);
  }
}

function seriesOf({ scrapes, minutes, growing = /^$/ }: ScrapedTime) {
  const samples = scrapes.map((text) => text === undefined ? undefined : parseSamples(text));
  const names = new Set(samples.flatMap((each) => [...each?.keys() ?? []]));
  const series = [...names].map((name) => ({
    series: name,
    values: valuesOf(samples.map((each) => each?.get(name)), minutes, stepOf(name, growing)),
  }));
  const up = scrapes.map((text) => text === undefined ? 0 : 1);
  return [...series, { series: `up{${FOUND_AT}}`, values: valuesOf(up, minutes, "stays") }];
}

/** The values by series, the buckets of histograms left out: no rule asks for them. */
function parseSamples(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, name, labels, value] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
    if (name === undefined || name.endsWith("_bucket")) continue;
    samples.set(`${name}{${labels},${FOUND_AT}}`, Number(value));
  }
  return samples;
}

/** How a series goes on. */
type Step = "stays" | "as-before" | "as-time";

function stepOf(series: string, growing: RegExp): Step {
  const name = series.split("{")[0]!;
  if (growing.test(name)) return "as-time";
  return name.endsWith("_total") && name !== "tributary_locks_held_total" ? "as-before" : "stays";
}

/** In promtool's notation: `_` where there is no sample, `stale` where there is none any more. */
function valuesOf(given: readonly (number | undefined)[], minutes: number, how: Step): string {
  const out = given.map((value, i) => {
    if (value !== undefined) return String(value);
    return given[i - 1] === undefined ? "_" : "stale";
  });
  const [before, last] = [given.at(-2), given.at(-1)];
  const grew = before === undefined || last === undefined ? 0 : last - before;
  const step = { "stays": 0, "as-before": grew, "as-time": 60 * SCRAPE_MINUTES }[how];
  for (let i = 1; out.length <= minutes / SCRAPE_MINUTES; i++) {
    out.push(last === undefined ? "_" : String(last + i * step));
  }
  return out.join(" ");
}
