/** What Kustomize and Helm make of deploy/: that it fits together, and that both make the same pods. */
import assert from "node:assert/strict";
import { parse, parseAllDocuments } from "yaml";
import { assertSettings, read, settingsIn, type Yaml } from "../../support/deploy_files.ts";
import {
  helmLint,
  helmTemplate,
  kustomizeBuild,
  validKinds,
} from "../../support/kubernetes_tools.ts";
import { assertPromql } from "../../support/promql.ts";
import { readPages } from "../../support/docs/pages.ts";
import { ROOT } from "../../support/tidy/source_file.ts";

const CHART = `${ROOT}deploy/helm/tributary`;
const EVERYTHING = ["podMonitor.enabled", "prometheusRule.enabled", "keda.enabled"];

/** Values that put something into every part of a pod. */
const OPTIONAL: Yaml = {
  pipeline: [{ $match: { operationType: "insert" } }],
  imagePullSecrets: [{ name: "registry" }],
  extraEnv: [{ name: "SSL_CERT_FILE", value: "/ca/ca.pem" }],
  extraVolumes: [{ name: "ca", secret: { secretName: "ca" } }],
  extraVolumeMounts: [{ name: "ca", mountPath: "/ca" }],
  podAnnotations: { team: "data" },
  podLabels: { team: "data" },
  nodeSelector: { disk: "fast" },
  tolerations: [{ key: "data", operator: "Exists" }],
  affinity: { podAntiAffinity: {} },
};

/** The manifests by their kinds; the file of stages apart from the settings. */
type Manifests = Readonly<Record<string, Yaml>>;

function manifestsIn(text: string): Manifests {
  const all = parseAllDocuments(text).map((document) => document.toJS()).filter(Boolean);
  return Object.fromEntries(all.map((each) => {
    return [each.metadata.name.endsWith("-file") ? "File" : each.kind, each];
  }));
}

async function kustomized(folder: string): Promise<Manifests> {
  return manifestsIn(await kustomizeBuild(`${ROOT}deploy/kubernetes/${folder}`));
}

/** The base with components, as an overlay has them. */
async function withComponents(...components: string[]): Promise<Manifests> {
  const folder = await Deno.makeTempDir({ dir: `${ROOT}deploy/kubernetes`, prefix: ".overlay-" });
  const text = { resources: ["../base"], components: components.map((name) => `../${name}`) };
  try {
    await Deno.writeTextFile(`${folder}/kustomization.yaml`, JSON.stringify(text));
    return manifestsIn(await kustomizeBuild(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function charted(values: Yaml = {}, ...enabled: string[]): Promise<Manifests> {
  return manifestsIn(await helmTemplate(CHART, "tributary", valueArgs(values, enabled)));
}

function valueArgs(values: Yaml, enabled: readonly string[]): string[] {
  const set = Object.entries(values).flatMap(([name, value]) => [
    "--set-json",
    `${name}=${JSON.stringify(value)}`,
  ]);
  return [...set, ...enabled.flatMap((name) => ["--set", `${name}=true`])];
}

/** How many streams the settings make. */
function streamsOf({ ConfigMap, Deployment }: Manifests): number {
  const config = assertSettings(settingsIn(ConfigMap, Deployment), "ConfigMap");
  return config.watch.level === "collection" && !config.watch.listing
    ? config.watch.collections.length
    : 1;
}

Deno.test("deploy/kubernetes and the chart run no more pods than there are streams", async () => {
  const [base, example, chart, onLag] = await Promise.all([
    kustomized("base"),
    kustomized("example"),
    charted(),
    charted({}, "keda.enabled"),
  ]);
  assert(base["Deployment"].spec.replicas <= streamsOf(base));
  assert(chart["Deployment"].spec.replicas <= streamsOf(chart));
  assert.equal(example["HorizontalPodAutoscaler"].spec.maxReplicas, streamsOf(example));
  assert.equal(onLag["ScaledObject"].spec.maxReplicaCount, streamsOf(onLag));
  const byCpu = await charted({}, "autoscaling.enabled");
  assert.equal(byCpu["HorizontalPodAutoscaler"].spec.maxReplicas, streamsOf(byCpu));
  for (const name of ["autoscale", "autoscale-on-lag"]) {
    const scaled = await withComponents(name);
    const { maxReplicas, maxReplicaCount } =
      (scaled["HorizontalPodAutoscaler"] ?? scaled["ScaledObject"]).spec;
    assert.equal(maxReplicas ?? maxReplicaCount, streamsOf(scaled));
    assert.equal(scaled["Deployment"].spec.replicas, undefined, "the autoscaler decides");
  }
});

Deno.test("the chart and the base of deploy/kubernetes make the same", async () => {
  const base = await kustomized("base");
  const { annotations } = base["ServiceAccount"].metadata;
  const chart = await charted({ "serviceAccount.annotations": annotations });
  assert.deepEqual(Object.keys(chart).sort(), Object.keys(base).sort());
  for (const kind of Object.keys(base)) {
    assert.deepEqual(comparable(chart[kind]), comparable(base[kind]), kind);
  }
});

Deno.test("the pods share their streams in the bucket, or through Redis where the secret has its address", async () => {
  for (const { ConfigMap, Deployment } of [await kustomized("base"), await charted()]) {
    const env = settingsIn(ConfigMap, Deployment);
    assert.equal(assertSettings(env, "without Redis").lock.kind, "destination");
    const withRedis = { ...env, REDIS_URL: "rediss://redis:6379" };
    assert.equal(assertSettings(withRedis, "with Redis").lock.kind, "redis");
    const [container] = Deployment.spec.template.spec.containers;
    const { valueFrom } = container.env.find(({ name }: Yaml) => name === "REDIS_URL");
    assert.equal(valueFrom.secretKeyRef.optional, true);
    assert(Deployment.spec.replicas > 1);
  }
});

Deno.test("the chart's monitors and scalers are those of the components of deploy/kubernetes", async () => {
  const scaled = await withComponents("monitoring", "autoscale-on-lag");
  const chart = await charted({}, ...EVERYTHING);
  for (const kind of ["Deployment", "PodMonitor", "PrometheusRule", "ScaledObject"]) {
    assert.deepEqual(comparable(chart[kind]), comparable(scaled[kind]), kind);
  }
  const { HorizontalPodAutoscaler } = await withComponents("autoscale");
  const byCpu = await charted({}, "autoscaling.enabled");
  assert.deepEqual(
    comparable(byCpu["HorizontalPodAutoscaler"]),
    comparable(HorizontalPodAutoscaler),
  );
});

/** What each tool adds of its own: the release, the hash of the settings, the image's address. */
const OWN = ["app.kubernetes.io/instance", "checksum/settings", "image", "imagePullPolicy"];

function comparable(manifest: Yaml): Yaml {
  const { metadata: { labels: _labels, ...metadata }, ...rest } = manifest;
  return JSON.parse(JSON.stringify({ ...rest, metadata }), (key, value) => {
    if (OWN.includes(key)) return undefined;
    if (key === "annotations" && Object.keys(value).length === 0) return undefined;
    if (typeof value !== "string") return value;
    // Kustomize puts blank lines into folded texts.
    return value.replaceAll(/\s+/g, " ").replace(/^(tributary)-[0-9a-z]{10}$/, "$1");
  });
}

Deno.test("the alert rules of the component and of the chart are deploy/prometheus/alerts.yaml", () => {
  const alerts = read("prometheus/alerts.yaml");
  const advice = "run `deno run -A scripts/docs.ts`";
  assert.equal(read("helm/tributary/files/alerts.yaml"), alerts, advice);
  const rule = parse(read("kubernetes/monitoring/prometheusrule.yaml"));
  assert.deepEqual(rule.spec, parse(alerts), advice);
});

Deno.test("helm lint finds no fault in the chart, with everything on and off", async () => {
  assert.match(await helmLint(CHART, []), /1 chart\(s\) linted, 0 chart\(s\) failed/);
  const off = { "serviceAccount.create": false, "networkPolicy.enabled": false };
  const values = { ...OPTIONAL, ...off, "podDisruptionBudget.enabled": false };
  await helmLint(CHART, valueArgs(values, EVERYTHING));
});

Deno.test("Kubernetes' schemas find no fault in what the chart and deploy/kubernetes make", async () => {
  const own = ["configmap", "deployment", "networkpolicy", "poddisruptionbudget", "service"];
  const kinds = [...own, "serviceaccount"];
  const chart = await helmTemplate(
    CHART,
    "tributary",
    valueArgs(OPTIONAL, ["autoscaling.enabled"]),
  );
  const example = await kustomizeBuild(`${ROOT}deploy/kubernetes/example`);
  for (const manifests of [chart, example]) {
    const valid = [...new Set(await validKinds(manifests))];
    assert.deepEqual(valid.sort(), [...kinds, "horizontalpodautoscaler"].sort());
  }
  await assert.rejects(validKinds(chart.replace("readOnlyRootFilesystem", "readOnlyRoot")));
});

Deno.test("the chart refuses values that it does not know, and two scalers at once", async () => {
  const refused = (values: Yaml, ...enabled: string[]) =>
    assert.rejects(charted(values, ...enabled), (error: Error) => {
      assert.match(error.message, /not allowed|choose one|does not match/);
      return true;
    });
  await refused({ replicaCount: 3 });
  await refused({ "settings.batch_size": 3 });
  await refused({}, "keda.enabled", "autoscaling.enabled");
});

Deno.test("the chart gives the pods settings as they are written, stages, and what is extra", async () => {
  const { ConfigMap, Deployment, File } = await charted({
    "settings.BATCH_SIZE": 1_000_000,
    "settings.S3_FORCE_PATH_STYLE": true,
    "secretKeys.HTTP_TOKEN": "http-token",
    ...OPTIONAL,
  });
  assert.equal(ConfigMap.data.BATCH_SIZE, "1000000");
  assert.equal(ConfigMap.data.S3_FORCE_PATH_STYLE, "true");
  const { containers: [container], volumes } = Deployment.spec.template.spec;
  const names = container.env.map(({ name }: Yaml) => name);
  const own = ["HTTP_TOKEN", "MONGODB_URI", "REDIS_URL", "INSTANCE_NAME", "HTTP_ADDRESS"];
  assert.deepEqual(names, [...own, "TRIBUTARY_CONFIG", "SSL_CERT_FILE"]);
  const mounts = container.volumeMounts.map(({ name }: Yaml) => name);
  assert.deepEqual(mounts, volumes.map(({ name }: Yaml) => name));
  const path = container.env.find(({ name }: Yaml) => name === "TRIBUTARY_CONFIG").value;
  const folder = container.volumeMounts.find(({ name }: Yaml) => name === "file").mountPath;
  const [fileName, text] = Object.entries(File.data)[0]!;
  assert.equal(path, `${folder}/${fileName}`);
  const env = { ...settingsIn(ConfigMap, Deployment), HTTP_TOKEN: "12345678" };
  const config = assertSettings(env, "the chart", { [path]: text as string });
  assert.deepEqual(config.stages, [{ $match: { operationType: "insert" } }]);
});

Deno.test("the values in docs/production.md are values of the chart", async () => {
  const page = readPages().find(({ path }) => path === "docs/production.md")!;
  const fence = page.fences.find(({ text }) => text.startsWith("image:"))!;
  const values = parse(fence.text);
  const { PodMonitor, PrometheusRule, ...rest } = await charted(values);
  assert(PodMonitor && PrometheusRule);
  assert.equal(rest["Deployment"].spec.replicas, streamsOf(rest));
  assert.deepEqual(rest["ServiceAccount"].metadata.annotations, values.serviceAccount.annotations);
});

Deno.test("a scraped pod with HTTP_TOKEN is asked with it, and one pod is not scraped twice", async () => {
  const { PodMonitor, Deployment } = await charted(
    { "secretKeys.HTTP_TOKEN": "http-token" },
    "podMonitor.enabled",
  );
  const [endpoint] = PodMonitor.spec.podMetricsEndpoints;
  const credentials = { name: "tributary", key: "http-token" };
  assert.deepEqual(endpoint.authorization, { credentials });
  assert.equal(endpoint.port, Deployment.spec.template.spec.containers[0].ports[0].name);
  const annotations = Object.keys(Deployment.spec.template.metadata.annotations);
  assert.deepEqual(annotations, ["checksum/settings"]);
  const jobLabel = PodMonitor.spec.jobLabel;
  assert.equal(Deployment.spec.template.metadata.labels[jobLabel], "tributary");
});

Deno.test("the query of the scaler on lag counts each stream that is behind once", async () => {
  const { ScaledObject, ConfigMap, Deployment } = await charted({}, "keda.enabled");
  const { query, threshold } = ScaledObject.spec.triggers[0].metadata;
  const { pipelineName } = assertSettings(settingsIn(ConfigMap, Deployment), "the chart");
  const series = (name: string, labels: string, pipeline = pipelineName) =>
    `tributary_${name}{pipeline="${pipeline}",${labels}}`;
  const lag = (stream: string, instance: string, value: number) => ({
    [series("lake_lag_seconds", `stream="${stream}",instance="${instance}"`)]: value,
  });
  const up = (value: number) => ({
    [series("dependency_up", 'instance="a",dependency="mongodb"')]: 1,
    [series("dependency_up", 'instance="a",dependency="redis"')]: value,
  });
  const behind = { ...lag("s1", "a", 300), ...lag("s1", "b", 310), ...lag("s2", "b", 200) };
  const well = { ...lag("s3", "b", 3), [series("lake_lag_seconds", 'stream="s9"', "other")]: 300 };
  await assertPromql([
    { series: { ...behind, ...well, ...up(1) }, query, value: 2 },
    // More pods bring no Redis back.
    { series: { ...behind, ...well, ...up(0) }, query, value: 0 },
    { series: { ...well, ...up(1) }, query, value: 0 },
    {
      series: { ...behind, ...up(1), [series("streams_paused", 'instance="a"')]: 1 },
      query,
      value: 1,
    },
    { series: {}, query, value: 0 },
  ]);
  assert.equal(threshold, "2", "a pod for two");
});
