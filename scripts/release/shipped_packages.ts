import { join } from "node:path";
import { runCommand } from "../services/run_command.ts";

/** A package whose code is in the executable. */
export interface ShippedPackage {
  /** `@aws-sdk/client-s3`. */
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as the package's own description has it. */
  readonly license: string;
  /** SHA-512 of the package's archive, base64, as locked. */
  readonly integrity: string;
  /** `name@version` of what it needs itself. */
  readonly dependencies: readonly string[];
  /** Its licence and notice files, whole. */
  readonly texts: readonly string[];
}

/** What is looked at of `deno info --json`. */
interface Info {
  readonly modules: readonly { readonly npmPackage?: string }[];
  readonly npmPackages: Readonly<Record<string, InfoPackage>>;
}

interface InfoPackage {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
  /** Where the package lies on this machine. */
  readonly localPath?: string;
}

interface Lock {
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
}

const LEGAL_FILE = /^(licen[cs]e|notice|copying)([-.].*)?$/i;

/** What the executable is made of: the program, and its encoder thread. */
const ENTRIES = ["main.ts", "src/encode/worker/encode_worker.ts"];

/** The packages that the executable imports, directly or not, by name. Packages for tests alone are not among them. */
export async function shippedPackages(root: string): Promise<ShippedPackage[]> {
  const infos = await Promise.all(ENTRIES.map((entry) => readInfo(root, entry)));
  const lock: Lock = JSON.parse(await Deno.readTextFile(join(root, "deno.lock")));
  const known = Object.assign({}, ...infos.map(({ npmPackages }) => npmPackages));
  const ids = new Set(infos.flatMap(reachable));
  const packages = await Promise.all([...ids].map((id) => readPackage(id, known, lock)));
  return packages.sort((a, b) => idOf(a) < idOf(b) ? -1 : 1);
}

/** `mongodb@7.8.0`. */
export function idOf({ name, version }: { name: string; version: string }): string {
  return `${name}@${version}`;
}

async function readInfo(root: string, entry: string): Promise<Info> {
  const config = ["--config", join(root, "deno.json")];
  const args = ["info", "--json", ...config, join(root, entry)];
  return JSON.parse(await runCommand(Deno.execPath(), args));
}

function reachable({ modules, npmPackages }: Info): string[] {
  const found = new Set<string>();
  const open = modules.flatMap(({ npmPackage }) => npmPackage === undefined ? [] : [npmPackage]);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...npmPackages[id]?.dependencies ?? []);
  }
  return [...found];
}

async function readPackage(
  id: string,
  packages: Info["npmPackages"],
  lock: Lock,
): Promise<ShippedPackage> {
  const found = packages[id];
  const locked = lock.npm[id];
  if (found?.localPath === undefined || locked === undefined) {
    throw new Error(`Cannot describe ${id}: it is not in deno.lock, or not on this machine`);
  }
  const folder = found.localPath;
  const { license } = JSON.parse(await Deno.readTextFile(join(folder, "package.json")));
  if (typeof license !== "string") throw new Error(`Cannot describe ${id}: it has no licence`);
  const { name, version, dependencies } = found;
  const known = dependencies.map((each) => packages[each]).filter((each) => each !== undefined);
  return {
    name,
    version,
    license,
    integrity: locked.integrity.replace(/^sha512-/, ""),
    dependencies: known.map(idOf).sort(),
    texts: await legalTexts(folder),
  };
}

async function legalTexts(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && LEGAL_FILE.test(name)) names.push(name);
  }
  const read = (name: string) => Deno.readTextFile(join(folder, name));
  const texts = await Promise.all(names.sort().map(read));
  return texts.map((text) => text.replaceAll("\r\n", "\n").trim());
}
