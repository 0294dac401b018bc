import type { ReleaseFacts } from "./sbom.ts";
import type { ShippedPackage } from "./shipped_packages.ts";

const LINE = "-".repeat(80);

/**
 * What the licences of others want to be passed on: who made what, under which terms. A text that several packages have
 * stands here once.
 */
export function thirdPartyNotices(
  packages: readonly ShippedPackage[],
  { version, deno }: ReleaseFacts,
): string {
  const byText = new Map<string, ShippedPackage[]>();
  const bare: ShippedPackage[] = [];
  for (const each of packages) {
    if (each.texts.length === 0) bare.push(each);
    else for (const text of each.texts) byText.set(text, [...byText.get(text) ?? [], each]);
  }
  const head = `tributary ${version} contains the works of others that are named here.

Deno ${deno}: Copyright 2018-2026 the Deno authors. MIT License. What Deno itself is built from,
V8 among it, is named at https://github.com/denoland/deno/tree/v${deno}.
`;
  const parts = [...byText].map(([text, those]) => `${LINE}\n${titles(those)}\n\n${text}\n`);
  if (bare.length > 0) {
    parts.push(`${LINE}\n${titles(bare)}\n\nThese packages bring no text of their licence.\n`);
  }
  return [head, ...parts].join("\n");
}

function titles(packages: readonly ShippedPackage[]): string {
  return packages.map(({ name, version, license }) => `${name} ${version}: ${license}`).join("\n");
}
