export const OPEN_METRICS_CONTENT_TYPE =
  "application/openmetrics-text; version=1.0.0; charset=utf-8";

/**
 * Prometheus' text form as OpenMetrics 1.0: a counter's family has no `_total`, units are named, no empty lines, and the
 * end is marked. Values and labels are written alike in both.
 */
export function toOpenMetrics(prometheusText: string): string {
  const counters = new Set<string>();
  for (const match of prometheusText.matchAll(/^# TYPE (\S+)_total counter$/gm)) {
    counters.add(`${match[1]}_total`);
  }
  const lines = prometheusText.split("\n").filter((line) => line !== "").flatMap((line) => {
    const match = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (match === null) return [line];
    const [, what, name, rest] = match;
    const family = counters.has(name!) ? name!.slice(0, -"_total".length) : name!;
    const out = `# ${what} ${family} ${rest}`;
    const unit = /_(seconds|bytes)$/.exec(family)?.[1];
    return what === "TYPE" && unit !== undefined ? [out, `# UNIT ${family} ${unit}`] : [out];
  });
  return `${lines.join("\n")}\n# EOF\n`;
}

/** Whether an `Accept` header asks for OpenMetrics, as Prometheus does where it can read it. */
export function wantsOpenMetrics(accept: string | null): boolean {
  return accept !== null && /\bapplication\/openmetrics-text\b/.test(accept);
}
