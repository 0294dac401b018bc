import { idOf, type ShippedPackage } from "./shipped_packages.ts";

/** What the executable is, beside its packages. */
export interface ReleaseFacts {
  readonly version: string;
  /** The version of the runtime in the executable. */
  readonly deno: string;
}

/**
 * The software bill of materials of a release (CycloneDX 1.5, JSON). The same sources give the same bytes: there is no
 * time and no random number in it.
 */
export function sbom(packages: readonly ShippedPackage[], facts: ReleaseFacts): object {
  const self = `pkg:generic/tributary@${facts.version}`;
  const runtime = `pkg:generic/deno@${facts.deno}`;
  const references = new Map(packages.map((each) => [idOf(each), reference(each)]));
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: {
      component: {
        "type": "application",
        "bom-ref": self,
        name: "tributary",
        version: facts.version,
        licenses: [{ license: { id: "Apache-2.0" } }],
      },
    },
    components: [
      {
        "type": "platform",
        "bom-ref": runtime,
        name: "deno",
        version: facts.deno,
        licenses: [{ license: { id: "MIT" } }],
      },
      ...packages.map(component),
    ],
    dependencies: [
      { ref: self, dependsOn: [runtime, ...references.values()] },
      ...packages.map((each) => ({
        ref: reference(each),
        dependsOn: each.dependencies.flatMap((id) => references.get(id) ?? []),
      })),
    ],
  };
}

/** The package URL: `pkg:npm/%40aws-sdk/client-s3@3.1.0`. */
function reference({ name, version }: ShippedPackage): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

function component(each: ShippedPackage): object {
  const bytes = Uint8Array.from(atob(each.integrity), (char) => char.charCodeAt(0));
  const isExpression = /[ ()]/.test(each.license);
  return {
    "type": "library",
    "bom-ref": reference(each),
    name: each.name,
    version: each.version,
    purl: reference(each),
    hashes: [{ alg: "SHA-512", content: bytes.toHex() }],
    licenses: [
      isExpression ? { expression: each.license } : { license: { id: each.license } },
    ],
  };
}
