import { withPromtool } from "./promtool.ts";

/** Series of a moment, a query, and the value it must have then. */
export interface PromqlCase {
  readonly series: Readonly<Record<string, number>>;
  readonly query: string;
  readonly value: number;
}

/** Lets Prometheus' own checker evaluate the queries; fails with what it says where a value is another one. */
export async function assertPromql(cases: readonly PromqlCase[]): Promise<void> {
  const tests = cases.map(({ series, query, value }) => ({
    interval: "1m",
    input_series: Object.entries(series).map(([series, each]) => ({ series, values: `${each}x5` })),
    promql_expr_test: [{
      expr: query,
      eval_time: "3m",
      exp_samples: [{ labels: "{}", value }],
    }],
  }));
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(file, JSON.stringify({ evaluation_interval: "1m", tests }));
    await withPromtool((promtool) => promtool("test", "rules", file));
  } finally {
    await Deno.remove(file);
  }
}
