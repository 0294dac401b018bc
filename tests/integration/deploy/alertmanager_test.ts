import assert from "node:assert/strict";
import { amtool } from "../../support/amtool.ts";
import { type Yaml, yaml } from "../../support/deploy_files.ts";
import { assertPromql } from "../../support/promql.ts";
import { ROOT } from "../../support/tidy/source_file.ts";

const CONFIG = `${ROOT}deploy/prometheus/alertmanager.yaml`;
const SEVERITIES: ReadonlyMap<string, string> = new Map(
  yaml("prometheus/alerts.yaml").groups.flatMap(({ rules }: Yaml) => rules)
    .filter(({ alert }: Yaml) => alert !== undefined)
    .map(({ alert, labels }: Yaml) => [alert, labels.severity]),
);

type Labels = Readonly<Record<string, string>>;

Deno.test("alertmanager.yaml names alerts that there are", () => {
  const named = Deno.readTextFileSync(CONFIG).match(/Tributary\w+/g)!;
  assert.deepEqual([...new Set(named)].filter((name) => !SEVERITIES.has(name)), []);
});

Deno.test("alertmanager.yaml pages for critical alerts, chats about warnings, and leaves the rest", async () => {
  assert.match(await amtool("check-config", CONFIG), /SUCCESS/);
  const receivers = new Map([["critical", "pager"], ["warning", "chat"], ["info", "nobody"]]);
  for (const [name, severity] of SEVERITIES) {
    const labels = [`alertname=${name}`, `severity=${severity}`];
    const receiver = await amtool("config", "routes", "test", `--config.file=${CONFIG}`, ...labels);
    assert.equal(receiver.split("\n")[0]!.split("Warning")[0], receivers.get(severity), name);
  }
});

Deno.test("alertmanager.yaml tells of an instance that is down once, and goes on about the others", () => {
  const down = { alertname: "TributaryInstanceDown", job: "tributary", instance: "a" };
  assert(!isInhibited(down, [down]));
  for (const alertname of SEVERITIES.keys()) {
    const other = { alertname, job: "tributary" };
    assert(alertname === down.alertname || isInhibited({ ...other, instance: "a" }, [down]));
    assert(!isInhibited({ ...other, instance: "b" }, [down]), alertname);
  }
});

Deno.test("alertmanager.yaml tells once that a pipeline has no instance, and goes on about other pipelines", () => {
  const none = { alertname: "TributaryNoInstance", pipeline: "lake/shop" };
  assert(!isInhibited(none, [none]));
  for (const alertname of SEVERITIES.keys()) {
    const other = { alertname, pipeline: "lake/shop", job: "tributary", instance: "a" };
    assert(alertname === none.alertname || isInhibited(other, [none]), alertname);
    assert(!isInhibited({ ...other, pipeline: "lake/crm" }, [none]), alertname);
  }
});

Deno.test("TributaryInstanceDown says of which pipeline, by which alertmanager.yaml knows that all are down", async () => {
  const rules = yaml("prometheus/alerts.yaml").groups.flatMap(({ rules }: Yaml) => rules);
  const { expr } = rules.find(({ alert }: Yaml) => alert === "TributaryInstanceDown");
  const where = 'job="pods",instance="10.0.0.1:8080"';
  const series = { [`up{${where}}`]: 0, [`tributary_build_info{pipeline="p",${where}}`]: 1 };
  const query = `count((${expr}) and on (pipeline) tributary_build_info{pipeline="p"})`;
  await assertPromql([{ series, query, value: 1 }]);
});

Deno.test("alertmanager.yaml tells of a service that is away once, and of an oplog that runs out besides", () => {
  const away = { alertname: "TributaryDependencyDown", pipeline: "p", dependency: "destination" };
  const told = (alertname: string) => !isInhibited({ alertname, pipeline: "p" }, [away]);
  const late = ["TributaryLagHigh", "TributaryLakeBehind", "TributaryWriteErrors"];
  assert.deepEqual([...SEVERITIES.keys()].filter((name) => !told(name)).sort(), late);
  assert(told("TributaryOplogShort"));
});

/** What Alertmanager makes of the inhibit rules while others fire. */
function isInhibited(target: Labels, firing: readonly Labels[]): boolean {
  return yaml("prometheus/alertmanager.yaml").inhibit_rules.some((rule: Yaml) =>
    firing.some((source) =>
      matches(rule.source_matchers, source) && matches(rule.target_matchers, target) &&
      (rule.equal ?? []).every((name: string) => source[name] === target[name])
    )
  );
}

function matches(matchers: readonly string[], labels: Labels): boolean {
  return matchers.every((matcher) => {
    const [, name, operator, value] = /^(\w+)(=~|!=|=)"([^"]*)"$/.exec(matcher)!;
    const label = labels[name!] ?? "";
    if (operator === "=~") return new RegExp(`^(?:${value})$`).test(label);
    return operator === "=" ? label === value : label !== value;
  });
}
