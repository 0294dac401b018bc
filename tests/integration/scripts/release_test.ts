import assert from "node:assert/strict";
import { join } from "node:path";
import { checksums } from "../../../scripts/release/checksums.ts";
import { thirdPartyNotices } from "../../../scripts/release/notices.ts";
import { sbom } from "../../../scripts/release/sbom.ts";
import { type ShippedPackage, shippedPackages } from "../../../scripts/release/shipped_packages.ts";
import { release } from "../../../scripts/release.ts";
import { ROOT } from "../../support/tidy/source_file.ts";

const FACTS = { version: "1.2.3", deno: "2.9.6" };

function somePackage(name: string, rest: Partial<ShippedPackage> = {}): ShippedPackage {
  const integrity = btoa("\u0001".repeat(64));
  const license = "MIT";
  return { name, version: "1.0.0", license, integrity, dependencies: [], texts: [], ...rest };
}

Deno.test("shippedPackages finds what the executable imports and nothing that only tests use", async () => {
  const packages = await shippedPackages(ROOT);
  const names = packages.map(({ name }) => name);
  for (const name of ["mongodb", "bson", "ioredis", "@aws-sdk/client-s3", "hyparquet-writer"]) {
    assert(names.includes(name), name);
  }
  for (const name of ["@duckdb/node-api", "fast-check", "typescript"]) {
    assert(!names.includes(name), name);
  }
  const imports: Record<string, string> = JSON.parse(
    await Deno.readTextFile(`${ROOT}deno.json`),
  ).imports;
  assert(imports["mongodb"]!.endsWith(packages.find(({ name }) => name === "mongodb")!.version));
});

Deno.test("shippedPackages knows terms that go with ours, and their text", async () => {
  const packages = await shippedPackages(ROOT);
  const allowed = /^(MIT|Apache-2\.0|ISC|0BSD|BSD-[23]-Clause)$/;
  for (const { name, license } of packages) assert.match(license, allowed, name);
  const mit = packages.filter(({ license }) => license === "MIT");
  assert.deepEqual(mit.filter(({ texts }) => texts.length === 0).map(({ name }) => name), []);
});

Deno.test("sbom names every package with its place, its hash and what it needs", () => {
  const inner = somePackage("ms");
  const outer = somePackage("@scope/outer", { dependencies: ["ms@1.0.0", "absent@9.0.0"] });
  // deno-lint-ignore no-explicit-any
  const bill: any = sbom([outer, inner], FACTS);
  assert.equal(bill.bomFormat, "CycloneDX");
  assert.equal(bill.metadata.component.version, "1.2.3");
  const [runtime, first] = bill.components;
  assert.equal(runtime.name, "deno");
  assert.equal(first.purl, "pkg:npm/%40scope/outer@1.0.0");
  assert.deepEqual(first.hashes, [{ alg: "SHA-512", content: "01".repeat(64) }]);
  const needs = bill.dependencies.find((each: { ref: string }) => each.ref === first["bom-ref"]);
  assert.deepEqual(needs.dependsOn, ["pkg:npm/ms@1.0.0"]);
  const references = [bill.metadata.component, ...bill.components].map((each) => each["bom-ref"]);
  assert.equal(new Set(references).size, references.length);
});

Deno.test("sbom writes an expression where a package has a choice of licences", () => {
  // deno-lint-ignore no-explicit-any
  const bill: any = sbom([somePackage("a", { license: "(MIT OR Apache-2.0)" })], FACTS);
  assert.deepEqual(bill.components[1].licenses, [{ expression: "(MIT OR Apache-2.0)" }]);
});

Deno.test("thirdPartyNotices has each text once, under all packages that bring it", () => {
  const texts = ["Terms of somebody."];
  const text = thirdPartyNotices(
    [somePackage("a", { texts }), somePackage("b", { texts }), somePackage("c")],
    FACTS,
  );
  assert.equal(text.split("Terms of somebody.").length, 2);
  assert.match(text, /a 1\.0\.0: MIT\nb 1\.0\.0: MIT\n\nTerms/);
  assert.match(text, /c 1\.0\.0: MIT\n\nThese packages bring no text/);
  assert.match(text, /Deno 2\.9\.6/);
});

Deno.test("checksums are what sha256sum checks", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tributary-release-" });
  try {
    const paths = ["b", "a"].map((name) => join(folder, name));
    for (const path of paths) await Deno.writeTextFile(path, "abc");
    const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert.equal(await checksums(paths), `${abc}  a\n${abc}  b\n`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("release writes the papers and their checksums, also without a target", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tributary-release-" });
  try {
    const files = await release({ targets: [], output: folder });
    const names = files.map((path) => path.slice(folder.length + 1)).sort();
    assert.equal(names.length, 4);
    assert.deepEqual(names.slice(0, 2), ["SHA256SUMS", "THIRD_PARTY_NOTICES.txt"]);
    assert.match(names[2]!, /^tributary-\d.*\.cdx\.json$/);
    assert.equal(names[3], "tributary.1");
    const sums = await Deno.readTextFile(join(folder, "SHA256SUMS"));
    assert.equal(sums.trim().split("\n").length, 3);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("release refuses a target that it does not know", async () => {
  await assert.rejects(
    release({ targets: ["sparc-sun-solaris"], output: "/nowhere" }),
    /Cannot build for "sparc-sun-solaris": there are x86_64-unknown-linux-gnu/,
  );
});
