/** The rules of the house, checked by reading the sources. */
import assert from "node:assert/strict";
import { circlesOf } from "./support/tidy/circles.ts";
import {
  folderOf,
  isAllowed,
  isOurs,
  readTable,
  roomOf,
  tableRooms,
} from "./support/tidy/import_table.ts";
import {
  clockUses,
  FILE_LINES_MAX,
  hasLogic,
  longFunctions,
  tamedTests,
} from "./support/tidy/rules.ts";
import { importsOf, listFiles, loadedWith, readSources, ROOT } from "./support/tidy/source_file.ts";

const MAIN_LINES_MAX = 24;

/** Started by address or by hand, not imported. */
const ENTRIES = ["main.ts", "mod.ts", "src/encode/worker/encode_worker.ts"];

const program = readSources("main.ts", "mod.ts", "src");
const scripts = readSources("scripts");
const tests = readSources("tests");
const everything = [...program, ...scripts, ...tests];
const programImports = program.flatMap(importsOf);

Deno.test("each room of src imports only what the table of src/README.md allows", () => {
  const faults = programImports.filter((edge) => !isAllowed(edge));
  assertNone(faults.map((edge) => `${edge.from}:${edge.line}: ${edge.to}`));
});

Deno.test("no files of src import each other in a circle", () => {
  assertNone(circlesOf(programImports));
  const edge = { line: 1, typeOnly: true, lazy: false };
  const round = [["a.ts", "b.ts"], ["b.ts", "c.ts"], ["c.ts", "b.ts"], ["c.ts", "d.ts"]];
  assert.deepEqual(
    circlesOf(round.map(([from, to]) => ({ from: from!, to: to!, ...edge }))),
    ["b.ts c.ts"],
  );
});

Deno.test("an npm package is imported in one folder of src only", () => {
  const foldersOf = new Map<string, Set<string>>();
  for (const edge of programImports) {
    if (isOurs(edge.to) || edge.to.startsWith("node:")) continue;
    const name = edge.to.split("/").slice(0, edge.to.startsWith("@") ? 2 : 1).join("/");
    foldersOf.set(name, (foldersOf.get(name) ?? new Set()).add(folderOf(edge.from)));
  }
  const shared = [...foldersOf].filter(([, folders]) => folders.size > 1);
  assertNone(shared.map(([name, folders]) => `${name}: ${[...folders].join(", ")}`));
});

Deno.test("the program imports packages by their names in deno.json", () => {
  const known = Object.keys(JSON.parse(Deno.readTextFileSync(ROOT + "deno.json")).imports);
  const faults = programImports.filter((edge) =>
    !isOurs(edge.to) && !edge.to.startsWith("node:") &&
    !known.some((name) => edge.to === name || edge.to.startsWith(`${name}/`))
  );
  assertNone(faults.map((edge) => `${edge.from}:${edge.line}: ${edge.to}`));
});

Deno.test(`no file has more than ${FILE_LINES_MAX} lines, and main.ts fewer than 25`, () => {
  const linesOf = (text: string) => text.trimEnd().split("\n").length;
  assertNone(
    everything
      .filter((f) => linesOf(f.text) > (f.path === "main.ts" ? MAIN_LINES_MAX : FILE_LINES_MAX))
      .map((file) => `${file.path}: ${linesOf(file.text)} lines`),
  );
});

Deno.test("no function is too long", () => {
  assertNone(everything.flatMap(longFunctions));
});

Deno.test("clocks, timers and randomness are used in src/support only", () => {
  const elsewhere = program.filter((file) => !file.path.startsWith("src/support/"));
  assertNone(elsewhere.flatMap(clockUses));
});

Deno.test("each file of src with logic has a unit test at the mirrored path", () => {
  const paths = new Set(tests.map((file) => file.path));
  const testOf = (path: string) =>
    path.replace(/^src\//, "tests/unit/").replace(/\.ts$/, "_test.ts");
  assertNone(
    program
      .filter((file) => file.path.startsWith("src/") && hasLogic(file))
      .filter((file) => !paths.has(testOf(file.path)))
      .map((file) => `${file.path}: ${testOf(file.path)} is missing`),
  );
});

Deno.test("each unit test has the name of a file of src, and more words at most", () => {
  const names = program.map((file) =>
    file.path.replace(/^src\//, "tests/unit/").replace(/\.ts$/, "_")
  );
  const unit = tests.map((f) => f.path).filter((path) => /^tests\/unit\/.*_test\.ts$/.test(path));
  assertNone(unit.filter((path) => !names.some((name) => path.startsWith(name))));
});

Deno.test("each file of src is imported by the program, a script or the simulation", () => {
  // The simulation runs on implementations in memory that a user of the program never meets.
  const simulation = tests.filter((file) => file.path.startsWith("tests/sim/"));
  const users = [...scripts, ...simulation].flatMap(importsOf);
  const imported = new Set([...programImports, ...users].map((e) => e.to));
  const dead = program.filter((f) => !imported.has(f.path) && !ENTRIES.includes(f.path));
  assertNone(dead.map((file) => file.path));
});

Deno.test("help and version load the command line and the table of settings, and no driver", () => {
  const loaded = [...loadedWith("main.ts", programImports)];
  const packages = loaded.filter((name) => !isOurs(name) && !name.startsWith("node:"));
  assert.deepEqual(packages, ["commander"]);
  const folders = new Set(loaded.filter(isOurs).map(folderOf));
  assert.deepEqual([...folders].sort(), ["cli", "config", "main.ts", "model", "support"]);
  const heavy = ["resolve/load", "read/layers", "table/read_value", "read/yaml_file"]
    .map((name) => `src/config/${name}.ts`);
  assertNone(loaded.filter((path) => heavy.includes(path)));
});

Deno.test("nothing is left unfinished", () => {
  const mark = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "X" + "XX"].join("|")})\\b`);
  const others = listFiles("README.md", "CHANGELOG.md", "docs", "deploy", "src/README.md")
    .filter((path) => /\.(md|ya?ml|json)$/.test(path))
    .map((path) => ({ path, text: Deno.readTextFileSync(ROOT + path) }));
  assertNone(
    [...everything, ...others].flatMap(({ path, text }) =>
      text.split("\n").flatMap((line, i) => mark.test(line) ? [`${path}:${i + 1}: ${line}`] : [])
    ),
  );
});

Deno.test("all tests run", () => {
  assertNone(tests.flatMap(tamedTests));
});

Deno.test("tests have one clock that they move, and the simulation one for each of its machines", () => {
  const clock =
    /\bimplements Clock\b|: Clock = \{|\.\.\.systemClock|\b(monotonicMs|wallMs): \(\) =>/;
  assert.deepEqual(tests.filter((file) => clock.test(file.text)).map((file) => file.path).sort(), [
    "tests/sim/sim_clock.ts",
    "tests/support/outside.ts",
    "tests/support/virtual_clock.ts",
  ]);
});

Deno.test("there is no folder of mocks", () => {
  assertNone(listFiles("src", "tests", "scripts").filter((path) => /(^|\/)mocks?\//.test(path)));
});

Deno.test("src/README.md has a room for each folder of src, and no room that is not there", () => {
  const rooms = new Set(program.map((file) => roomOf(file.path)));
  assertNone([...rooms].filter((room) => !tableRooms().includes(room)));
  assertNone(tableRooms().filter((room) => !rooms.has(room)));
});

Deno.test("an import that the table does not have is seen", () => {
  const table = readTable("| `a` `b` | what | `a/x.ts` | `c` |\n| `c` | what | | `*` |");
  const allows = (from: string, to: string, typeOnly = false) =>
    isAllowed({ from: `src/${from}`, to: `src/${to}`, typeOnly, line: 1, lazy: false }, table);
  assert.deepEqual([allows("b/y.ts", "a/x.ts"), allows("b/y.ts", "a/z.ts")], [true, false]);
  assert.deepEqual([allows("a/y.ts", "c/x.ts"), allows("a/y.ts", "c/x.ts", true)], [false, true]);
  assert.deepEqual([allows("c/d/y.ts", "c/e/x.ts"), allows("c/y.ts", "a/x.ts")], [true, false]);
});

Deno.test("docs/security.md gives the reason for each permission of the executable, and for no other", () => {
  const { permissions } = JSON.parse(Deno.readTextFileSync(ROOT + "deno.json"));
  const granted = Object.entries(permissions.executable).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : ["any"]).map((what) => `${name} ${what}`)
  );
  const rows = Deno.readTextFileSync(ROOT + "docs/security.md").matchAll(
    /^\| `(\w+)` \| `?(\w+)[^|]*\| [^|]{10,}\|$/gm,
  );
  assert.deepEqual([...rows].map(([, name, what]) => `${name} ${what}`), granted);
});

Deno.test("src/README.md names files that there are, and where to begin in them", () => {
  const readme = Deno.readTextFileSync(ROOT + "src/README.md");
  const texts = new Map(everything.map((file) => [file.path, file.text]));
  const textOf = (name: string) => texts.get(`src/${name}`) ?? texts.get(name);
  const named = [...readme.matchAll(/`([\w/]+\.ts)`/g)].map(([, name]) => name!);
  assertNone(named.filter((name) => textOf(name) === undefined));
  const begins = [...readme.matchAll(/^\|[^|]+\| `([\w/]+\.ts)` +\| `([#\w]+)` +\|$/gm)];
  assert(begins.length > 10, "the table of where to look is not read");
  assertNone(
    begins.filter(([, file, word]) => !textOf(file!)?.includes(`${word}`)).map(([row]) => row),
  );
});

Deno.test("tests/README.md has a row for each folder of tests, and says how to run it", () => {
  const readme = Deno.readTextFileSync(ROOT + "tests/README.md");
  const rows = new Map(
    [...readme.matchAll(/^\| `(\w+)` .*$/gm)].map(([row, name]) => [name!, row]),
  );
  const folders = [...Deno.readDirSync(ROOT + "tests")].filter((entry) => entry.isDirectory);
  assert.deepEqual([...rows.keys()].sort(), folders.map(({ name }) => name).sort());
  const parts = Deno.readTextFileSync(ROOT + "scripts/test.ts");
  for (const [name, row] of rows) {
    const hasTests = tests.some((f) =>
      f.path.startsWith(`tests/${name}/`) && /_test\.ts$/.test(f.path)
    );
    assert.equal(row.includes(`\`deno task test ${name}\``), hasTests, row);
    assert.equal(parts.includes(`"tests/${name}"`), hasTests, `${name} in scripts/test.ts`);
  }
});

Deno.test("tests/README.md names files that there are", () => {
  const readme = Deno.readTextFileSync(ROOT + "tests/README.md");
  const named = [...readme.matchAll(/\b((?:[\w/]+\/)?\w+\.ts)\b/g)].map(([, name]) => name!);
  const paths = new Set(tests.map((file) => file.path));
  assertNone(
    named.filter((name) =>
      ![name, `tests/${name}`, `tests/faults/${name}`].some((path) => paths.has(path))
    ),
  );
});

/** Fails with all violations, one a line. */
function assertNone(violations: readonly string[]): void {
  assert.equal(violations.length, 0, `\n${violations.join("\n")}\n`);
}
