import type { Import } from "./source_file.ts";

/** What a folder of `src` may import: any file of `all`, and types of the files of `types`. Its own files are allowed. */
interface Allowed {
  readonly all: readonly RegExp[];
  readonly types?: readonly RegExp[];
}

const VOCABULARY = [/^src\/model\//, /^src\/support\//];
const STAGE: Allowed = {
  all: [...VOCABULARY, /^src\/bson\//],
  types: [/^src\/pipeline\/stages\.ts$/],
};
/** Of an event the planes see where it lies and what its header says, never its documents. */
const PLANE: Allowed = {
  all: [...VOCABULARY, /^src\/bson\/(event_(position|spans)|with_namespace)\.ts$/],
};
const EDGE: Allowed = {
  all: [...VOCABULARY, /^src\/config\//, /^src\/app\.ts$/, /^src\/observe\/log/],
};

/** The table of `src/README.md`. */
const TABLE: Readonly<Record<string, Allowed>> = {
  "model": { all: [] },
  "support": { all: [] },
  "bson": { all: VOCABULARY },
  "pipeline": PLANE,
  "coordinate": { ...PLANE, types: [/^src\/pipeline\/stages\.ts$/] },
  "source": STAGE,
  "encode": STAGE,
  "destination": STAGE,
  "journal": STAGE,
  "state": STAGE,
  "observe": { all: VOCABULARY, types: [/^src\/(pipeline|coordinate)\//] },
  "config": { all: VOCABULARY },
  "app": { all: [/^src\/(?!cli\/)/] },
  "app.ts": { all: [/^src\/app\//] },
  // What `status` says of instances, and why, is said in one way.
  "cli": { all: [...EDGE.all, /^src\/observe\/(causes|lag|service_news|status)/] },
  // The library's face, which gives on what is behind it.
  "mod.ts": { all: [/^src\/app\/library\.ts$/, /^src\/model\//], types: [/^src\//] },
  "main.ts": { all: [/^src\/cli\//, /^src\/config\//, /^src\/app\.ts$/, /^src\/observe\/log/] },
};

/** Whether the table lets this import be; imports of packages are another matter. */
export function isAllowed(edge: Import): boolean {
  if (!isOurs(edge.to)) return true;
  const folder = folderOf(edge.from);
  const allowed = TABLE[folder];
  if (allowed === undefined) return false;
  if (folderOf(edge.to) === folder) return true;
  if (allowed.all.some((pattern) => pattern.test(edge.to))) return true;
  return edge.typeOnly && allowed.types?.some((pattern) => pattern.test(edge.to)) === true;
}

/** Whether an import's target is a file of the project. */
export function isOurs(target: string): boolean {
  return target.endsWith(".ts");
}

/** `src/bson/walk.ts`: `bson`; `src/app.ts`: `app.ts`; `main.ts`: `main.ts`. */
export function folderOf(path: string): string {
  const parts = path.split("/");
  return parts[0] === "src" ? parts[1]! : parts[0]!;
}

/** The folders (and files in `src`) the table speaks of. */
export function tableFolders(): string[] {
  return Object.keys(TABLE);
}
