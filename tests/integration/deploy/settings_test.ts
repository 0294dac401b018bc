import assert from "node:assert/strict";
import { parse } from "yaml";
import { loadConfig } from "../../../src/config/resolve/load.ts";
import { parseEnvFile } from "../../../src/config/read/env_file.ts";
import { VARIABLES } from "../../../src/config/table/schema.ts";
import { ROOT } from "../../support/tidy/source_file.ts";

/** Variables of the AWS SDK, which are no settings of ours. */
const FOREIGN = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

// deno-lint-ignore no-explicit-any
type Yaml = any;

function read(path: string): string {
  return Deno.readTextFileSync(`${ROOT}deploy/${path}`);
}

function yaml(path: string): Yaml {
  return parse(read(path), { merge: true });
}

/** `NAME=value` lines; with `#NAME=` those that are commented out. */
function environmentFile(text: string): Record<string, string> {
  const { variables, faults } = parseEnvFile(text.replaceAll(/^#(?=[A-Z][A-Z0-9_]*=)/gm, ""), "");
  assert.deepEqual(faults, []);
  return Object.fromEntries([...variables].map(([name, { value }]) => [name, value]));
}

/** Every variable must be a setting, and all together a configuration without a fault. */
function assertSettings(env: Readonly<Record<string, string>>, where: string): void {
  for (const name of Object.keys(env)) {
    assert(VARIABLES.has(name) || FOREIGN.includes(name), `${where}: ${name} is no setting`);
  }
  const result = loadConfig({
    flags: new Map(),
    env: (name) => env[name],
    readTextFile: () => assert.fail("no file is named"),
  }, { hostName: "host", cores: 2 });
  assert(result.ok, `${where}: ${JSON.stringify(result)}`);
}

const COMPOSE = yaml("compose.yaml").services;
const COPIES = ["tributary-1", "tributary-2", "tributary-3"];

Deno.test("compose.yaml gives three copies settings that tributary knows, the same but for the name", () => {
  for (const name of COPIES) {
    const { environment, ...rest } = COMPOSE[name];
    assertSettings(environment, name);
    assert.equal(environment.INSTANCE_NAME, name);
    const { environment: first, ...restOfFirst } = COMPOSE["tributary-1"];
    assert.deepEqual({ ...environment, INSTANCE_NAME: "" }, { ...first, INSTANCE_NAME: "" });
    assert.deepEqual({ ...rest, ports: [] }, { ...restOfFirst, ports: [] });
  }
});

Deno.test("compose.yaml gives the copies the name that prometheus.yaml looks for", () => {
  const [job] = yaml("prometheus/prometheus.yaml").scrape_configs;
  const [{ names, port }] = job.dns_sd_configs;
  assert.deepEqual(COMPOSE["tributary-1"].networks.default.aliases, names);
  for (const name of COPIES) assert(COMPOSE[name].ports[0].endsWith(`:${port}`));
});

Deno.test("compose.yaml names services and files that are there, and ports of this machine once", () => {
  const ports: string[] = [];
  for (const service of Object.values(COMPOSE) as Yaml[]) {
    const after = service.depends_on ?? {};
    for (const name of Array.isArray(after) ? after : Object.keys(after)) {
      assert(COMPOSE[name], name);
    }
    for (const port of service.ports ?? []) {
      assert.match(port, /^127\.0\.0\.1:\d+:\d+$/);
      ports.push(port.split(":")[1]);
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
  for (const folder of ["base", "autoscale", "example"]) {
    const { resources, configMapGenerator = [] } = yaml(`kubernetes/${folder}/kustomization.yaml`);
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

Deno.test("deploy/kubernetes gives the pods settings that tributary knows", () => {
  const secret = yaml(`${BASE}/secret.example.yaml`);
  const env = environmentFile(read(`${BASE}/settings.env`));
  for (const { name, value, valueFrom } of CONTAINER.env) {
    const key = valueFrom?.secretKeyRef;
    if (key !== undefined) assert.equal(key.name, secret.metadata.name);
    env[name] = value ?? (key === undefined ? "tributary-abc" : secret.stringData[key.key]);
    assert.notEqual(env[name], undefined, name);
  }
  assertSettings(env, "deployment.yaml");
  const { configMapGenerator } = yaml("kubernetes/example/kustomization.yaml");
  const changed = environmentFile(configMapGenerator[0].literals.join("\n"));
  assertSettings({ ...env, ...changed }, "example/kustomization.yaml");
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
