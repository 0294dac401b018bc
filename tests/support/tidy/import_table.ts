import type { Import } from "./source_file.ts";
import { ROOT } from "./source_file.ts";

/**
 * The table "Who may import whom" of `src/README.md`: it is the law, and there is no other. Each row has a room (a folder
 * of `src`, or a file), what is in it, what it may import, and of what it may import types alone. A room may be a folder
 * inside another one; what lies in a folder that is no room of its own belongs to the room above.
 */
interface Allowed {
  readonly all: readonly string[];
  readonly types: readonly string[];
}

const ROW = /^\| (`[^|]+`) +\|[^|]+\|([^|]*)\|([^|]*)\|$/gm;

const TABLE: ReadonlyMap<string, Allowed> = readTable(
  Deno.readTextFileSync(`${ROOT}src/README.md`),
);

/** The rows of a README's table. */
export function readTable(readme: string): Map<string, Allowed> {
  const table = new Map<string, Allowed>();
  for (const [, rooms, all, types] of readme.matchAll(ROW)) {
    for (const room of quoted(rooms!)) {
      table.set(room, { all: quoted(all!), types: quoted(types!) });
    }
  }
  return table;
}

/** Whether the table lets this import be; imports of packages are another matter. */
export function isAllowed(edge: Import, table = TABLE): boolean {
  if (!isOurs(edge.to)) return true;
  const room = roomOf(edge.from, table);
  const allowed = table.get(room);
  if (allowed === undefined) return false;
  if (roomOf(edge.to, table) === room) return true;
  const isIn = (name: string) => contains(name, edge.to, table);
  return allowed.all.some(isIn) || edge.typeOnly && allowed.types.some(isIn);
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

/** The room that a file lies in: the deepest one that the table has. */
export function roomOf(path: string, table: ReadonlyMap<string, unknown> = TABLE): string {
  const parts = inside(path).split("/");
  for (let depth = parts.length - 1; depth > 0; depth--) {
    const folder = parts.slice(0, depth).join("/");
    if (table.has(folder)) return folder;
  }
  return parts.length === 1 ? parts[0]! : parts.slice(0, -1).join("/");
}

/** `model` is what lies in that room; `observe/log` in that folder; `bson/walk.ts` a file; `*` everything but the edge. */
function contains(name: string, path: string, table: ReadonlyMap<string, unknown>): boolean {
  if (name === "*") return !/^(src\/cli\/|main\.ts|mod\.ts)/.test(path);
  if (table.has(name)) return name === roomOf(path, table);
  return name === inside(path) || inside(path).startsWith(`${name}/`);
}

function inside(path: string): string {
  return path.replace(/^src\//, "");
}

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
}

/** The rooms that the table speaks of. */
export function tableRooms(): string[] {
  return [...TABLE.keys()];
}
