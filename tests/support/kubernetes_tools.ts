/** What renders and judges manifests: Helm and Kustomize, from the path or compiled with Go, and Kubernetes' own schemas. */
import { type Binary, findBinary } from "../../scripts/services/binary.ts";
import { goInstall } from "../../scripts/services/go_install.ts";
import { runCommand } from "../../scripts/services/run_command.ts";
import { pythonWith } from "./python_environment.ts";

const KUBERNETES = "1.31";

/** Helm that was compiled without its release's flags takes the cluster for an old one. */
const CLUSTER = ["--kube-version", `${KUBERNETES}.0`];

export const HELM: Binary = {
  name: "helm",
  variable: "HELM_BIN",
  probe: ["version"],
  advice: "install Go or Helm",
  install(scratch) {
    console.error("installing Helm with go install (about two minutes, once)");
    return goInstall(scratch, "helm.sh/helm/v3/cmd/helm@v3.19.0");
  },
};

export const KUSTOMIZE: Binary = {
  name: "kustomize",
  variable: "KUSTOMIZE_BIN",
  probe: ["version"],
  advice: "install Go or Kustomize",
  install(scratch) {
    console.error("installing Kustomize with go install (half a minute, once)");
    return goInstall(scratch, "sigs.k8s.io/kustomize/kustomize/v5@v5.7.1");
  },
};

/** What `helm lint` says; fails where it finds a fault. */
export async function helmLint(chart: string, args: readonly string[]): Promise<string> {
  return await helm("lint", "--strict", ...CLUSTER, chart, ...args);
}

/** The manifests of the release `name`, as YAML. */
export async function helmTemplate(
  chart: string,
  name: string,
  args: readonly string[],
): Promise<string> {
  return await helm("template", ...CLUSTER, name, chart, ...args);
}

async function helm(...args: string[]): Promise<string> {
  return await runCommand(await findBinary(HELM), args);
}

/** The manifests of a folder with a kustomization, as YAML. */
export async function kustomizeBuild(folder: string): Promise<string> {
  return await runCommand(await findBinary(KUSTOMIZE), ["build", folder]);
}

export function pythonWithSchemas(): Promise<string> {
  return pythonWith("kubernetes-schemas", ["kubernetes-validate==1.37.0"]);
}

/** The kinds that Kubernetes' schemas find no fault in. Throws with the faults; knows no kinds that others have added. */
export async function validKinds(manifests: string): Promise<string[]> {
  const program = (await pythonWithSchemas()).replace(/python$/, "kubernetes-validate");
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(file, manifests);
    const said = await runCommand(program, ["--strict", "-k", KUBERNETES, file]);
    return [...said.matchAll(/passed for resource (\w+)\//g)].map(([, kind]) => kind!);
  } finally {
    await Deno.remove(file);
  }
}
