/** Writes the files that are made from others: pages of `docs/` from the settings, alert rules of Kubernetes from `alerts.yaml`. */
import { fileURLToPath } from "node:url";
import { configurationPage } from "../src/config/show/reference.ts";

const ALERTS = "deploy/prometheus/alerts.yaml";

const RULE_HEAD = `# Made from ${ALERTS} by \`deno run -A scripts/docs.ts\`: change it there.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: tributary
spec:
`;

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../${name}`, import.meta.url));
}

const alerts = await Deno.readTextFile(pathOf(ALERTS));
const files: Readonly<Record<string, string>> = {
  "docs/configuration.md": configurationPage(),
  "deploy/kubernetes/monitoring/prometheusrule.yaml": RULE_HEAD +
    alerts.replaceAll(/^(?=.)/gm, "  "),
  "deploy/helm/tributary/files/alerts.yaml": alerts,
};
for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(pathOf(name), text);
