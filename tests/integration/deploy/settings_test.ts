import assert from "node:assert/strict";
import { parseEnvFile } from "../../../src/config/read/env_file.ts";
import {
  assertSettings,
  environmentFile,
  read,
  type Yaml,
  yaml,
} from "../../support/deploy_files.ts";
import { ROOT } from "../../support/tidy/source_file.ts";

const COMPOSE = yaml("compose.yaml").services;
const COPY = COMPOSE.tributary;

Deno.test("compose.yaml gives the copies settings that tributary knows", () => {
  const { watch, lock } = assertSettings(interpolated(COPY.environment), "compose.yaml");
  assert.equal(lock.kind, "destination");
  const redis = interpolated(COPY.environment, { TRIBUTARY_REDIS_URL: "redis://redis:6379" });
  assert.equal(assertSettings(redis, "compose.yaml with Redis").lock.kind, "redis");
  assert(watch.level === "collection" && COPY.scale <= watch.collections.length);
});

Deno.test("compose.yaml lets the copies be scaled: no name and no port of this machine is theirs alone", () => {
  assert.equal(COPY.container_name, undefined);
  assert.equal(COPY.hostname, undefined);
  assert.equal(COPY.environment.INSTANCE_NAME, undefined);
  const [, first, last] = COPY.ports[0].match(/^127\.0\.0\.1:(\d+)-(\d+):8080$/);
  assert.equal(last - first + 1, 10);
});

Deno.test("compose.yaml gives the copies the name and the port that prometheus.yaml looks for", () => {
  const [job] = yaml("prometheus/prometheus.yaml").scrape_configs;
  const [{ names, port }] = job.dns_sd_configs;
  for (const name of names) assert(COMPOSE[name], name);
  assert(COPY.ports[0].endsWith(`:${port}`));
});

Deno.test("compose.yaml names services and files that are there, and ports of this machine once", () => {
  const ports: number[] = [];
  for (const service of Object.values(COMPOSE) as Yaml[]) {
    const after = service.depends_on ?? {};
    for (const name of Array.isArray(after) ? after : Object.keys(after)) {
      assert(COMPOSE[name], name);
    }
    for (const port of service.ports ?? []) {
      const [, first, last = first] = /^127\.0\.0\.1:(\d+)(?:-(\d+))?:\d+$/.exec(port)!;
      for (let each = Number(first); each <= Number(last); each++) ports.push(each);
    }
    for (const volume of service.volumes ?? []) {
      const source = volume.split(":")[0];
      if (source.startsWith(".")) Deno.statSync(`${ROOT}deploy/${source}`);
    }
  }
  assert.equal(new Set(ports).size, ports.length);
});

const BASE = "kubernetes/base";
const DEPLOYMENT = yaml(`${BASE}/deployment.yaml`);
const POD = DEPLOYMENT.spec.template.spec;
const CONTAINER = POD.containers[0];

Deno.test("deploy/kubernetes lists files that are there, and all but the example of a secret", () => {
  for (const folder of ["base", "autoscale", "autoscale-on-lag", "monitoring", "example"]) {
    const { resources, configMapGenerator = [] } = yaml(
      `kubernetes/${folder}/kustomization.yaml`,
    );
    const env = configMapGenerator.flatMap((map: Yaml) => map.envs ?? []);
    const files = [...Deno.readDirSync(`${ROOT}deploy/kubernetes/${folder}`)].map((e) => e.name);
    const named = ["kustomization.yaml", ...resources, ...env].filter((name) =>
      !name.includes("/")
    );
    const unlisted = files.filter((name) => !name.endsWith(".example.yaml"));
    assert.deepEqual(unlisted.sort(), named.sort());
    for (const name of resources) Deno.statSync(`${ROOT}deploy/kubernetes/${folder}/${name}`);
  }
});

Deno.test("deploy/kubernetes names one app, its account, its settings and its ports everywhere", () => {
  const { labels } = DEPLOYMENT.spec.template.metadata;
  const selectors = [
    DEPLOYMENT.spec.selector.matchLabels,
    POD.topologySpreadConstraints[0].labelSelector.matchLabels,
    yaml(`${BASE}/service.yaml`).spec.selector,
    yaml(`${BASE}/poddisruptionbudget.yaml`).spec.selector.matchLabels,
    yaml(`${BASE}/networkpolicy.yaml`).spec.podSelector.matchLabels,
  ];
  for (const selector of selectors) assert.deepEqual(selector, labels);
  assert.equal(POD.serviceAccountName, yaml(`${BASE}/serviceaccount.yaml`).metadata.name);
  const [map] = yaml(`${BASE}/kustomization.yaml`).configMapGenerator;
  assert.equal(CONTAINER.envFrom[0].configMapRef.name, map.name);
  const scaled = yaml("kubernetes/autoscale/horizontalpodautoscaler.yaml").spec.scaleTargetRef;
  assert.deepEqual(scaled, {
    apiVersion: DEPLOYMENT.apiVersion,
    kind: DEPLOYMENT.kind,
    name: DEPLOYMENT.metadata.name,
  });
  const [port] = CONTAINER.ports;
  assert.equal(yaml(`${BASE}/service.yaml`).spec.ports[0].targetPort, port.name);
  const address = CONTAINER.env.find((each: Yaml) => each.name === "HTTP_ADDRESS").value;
  assert.equal(address, `:${port.containerPort}`);
  const annotations = DEPLOYMENT.spec.template.metadata.annotations;
  assert.equal(annotations["prometheus.io/port"], String(port.containerPort));
  const paths = ["startupProbe", "livenessProbe", "readinessProbe"].map((probe) =>
    CONTAINER[probe].httpGet.path
  );
  assert.deepEqual(paths, ["/health", "/health", "/ready"]);
});

Deno.test("deploy/kubernetes leaves a pod time to stop and no right it does not need", () => {
  const { SHUTDOWN_TIMEOUT } = environmentFile(read(`${BASE}/settings.env`));
  assert(POD.terminationGracePeriodSeconds > parseInt(SHUTDOWN_TIMEOUT!) + 2);
  assert.equal(POD.securityContext.runAsNonRoot, true);
  assert.deepEqual(CONTAINER.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
});

Deno.test("deploy/systemd/tributary.env.example holds settings that tributary knows", () => {
  const text = read("systemd/tributary.env.example");
  assertSettings(environmentFile(text.replaceAll(/^#HTTP_TOKEN=$/gm, "#HTTP_TOKEN=12345678")), "");
});

Deno.test("deploy/systemd/tributary.env.example means the same to systemd and to a shell that reads it", async () => {
  const path = `${ROOT}deploy/systemd/tributary.env.example`;
  const script = 'set -a; . "$1"; env -0';
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script, "sh", path] }).output();
  const ofShell = new Map(
    new TextDecoder().decode(stdout).split("\0").map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)] as const;
    }),
  );
  const { variables, faults } = parseEnvFile(Deno.readTextFileSync(path), path);
  assert.deepEqual(faults, []);
  for (const [name, { value }] of variables) assert.equal(ofShell.get(name), value, name);
  assert.match(variables.get("MONGODB_URI")!.value, /&tls=true$/);
});

/** As Compose fills in `${NAME:-DEFAULT}` from the shell that it is started in. */
function interpolated(
  environment: Readonly<Record<string, string>>,
  shell: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      String(value).replace(/\$\{(\w+):-([^}]*)\}/g, (_, key, other) => shell[key] || other),
    ]),
  );
}
