/** What docs/extending.md says, done in a copy of the sources: whoever follows it must come to the end. */
import assert from "node:assert/strict";
import { copyTree } from "../support/copy_tree.ts";
import { leastEnvironment } from "../support/source_program.ts";
import { ROOT } from "../support/tidy/source_file.ts";

const REQUIRED = { MONGODB_URI: "mongodb://h/", DESTINATION: "file:///lake" };

Deno.test("a format is a line in the model and two that the compiler asks for", async () => {
  await using project = await copyOfSources();
  await project.change("src/model/format.ts", /^ {2}csv: \{.*\},$/m, (line) => {
    return `${line}\n${line.replace("csv", "tsv")}`;
  });
  assert.deepEqual(await project.filesWithFaults(), [
    "src/encode/formats.ts",
    "src/encode/inspect_object.ts",
  ]);
  await project.change("src/encode/formats.ts", "  csv: openCsv,", (line) => {
    return `${line}\n  tsv: openCsv,`;
  });
  await project.change(
    "src/encode/inspect_object.ts",
    /^ {2}csv: \{$[\s\S]*?^ {2}\},$/m,
    (entry) => {
      return `${entry}\n${entry.replace("csv", "tsv")}`;
    },
  );
  assert.deepEqual(await project.filesWithFaults(), []);
  const shown = await project.run(["config", "show"], { ...REQUIRED, FORMAT: "tsv" });
  assert.match(shown, /FORMAT +tsv/);
  assert.match(await project.run(["config", "schema"], {}), /"tsv"/);
  assert.match(await project.run(["run", "--help"], {}), /--format/);
});

Deno.test("a setting is an entry in a table", async () => {
  await using project = await copyOfSources();
  const entry = `  GREETING: {
    section: "State",
    kind: oneOf(["hello", "moin"]),
    default: "hello",
    placeholder: "WORD",
    description: "How to greet.",
  },
`;
  const table = "export const STATE_SETTINGS = {\n";
  await project.change("src/config/table/process_settings.ts", table, (line) => line + entry);
  assert.deepEqual(await project.filesWithFaults(), []);
  const show = (env: Record<string, string>, ...flags: string[]) =>
    project.run(["config", "show", ...flags], { ...REQUIRED, ...env });
  assert.match(await show({}), /GREETING +hello/);
  assert.match(await show({ GREETING: "moin" }), /GREETING +moin/);
  assert.match(await show({}, "--greeting", "moin"), /GREETING +moin/);
  await Deno.writeTextFile(`${project.folder}/t.yaml`, "greeting: moin\n");
  assert.match(await show({}, "--config", `${project.folder}/t.yaml`), /GREETING +moin/);
  assert.match(await project.run(["config", "schema"], {}), /"greeting"/);
  assert.match(await project.run(["config", "init"], {}), /# greeting: "hello"/);
});

Deno.test("a destination is a line where it is opened, and a form of its URL for which the compiler asks", async () => {
  await using project = await copyOfSources();
  await project.change("src/config/config.ts", '| { readonly scheme: "file"', (form) => {
    return `| { readonly scheme: "shelf"; readonly name: string }\n  ${form}`;
  });
  assert.deepEqual(await project.filesWithFaults(), [
    "src/app/shared_objects.ts",
    "src/config/resolve/destination_target.ts",
  ]);
  await project.change("src/app/shared_objects.ts", '  if (target.scheme === "file")', (line) => {
    return `  if (target.scheme === "shelf") throw new Error("LEASES=memory");\n${line}`;
  });
  await project.change("src/destination/destinations.ts", "  null: () =>", (line) => {
    return `  shelf: () => Promise.resolve(new MemoryDestination()),\n${line}`;
  });
  const cases = [
    ["return `file://${target.directory}`;", "return `shelf:${target.name}`;"],
    ["return target.directory;", "return target.name;"],
  ] as const;
  for (const [file, shelf] of cases) {
    await project.change("src/config/resolve/destination_target.ts", file, (text) => {
      return `${text}\n    case "shelf":\n      ${shelf}`;
    });
  }
  assert.deepEqual(await project.filesWithFaults(), []);
});

async function copyOfSources() {
  const folder = await Deno.makeTempDir();
  for (const path of ["src", "main.ts", "mod.ts", "deno.json", "deno.lock"]) {
    await copyTree(`${ROOT}${path}`, `${folder}/${path}`);
  }
  const deno = async (args: readonly string[], env: Readonly<Record<string, string>>) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: folder,
      env: { ...leastEnvironment(), NO_COLOR: "1", ...env },
      clearEnv: true,
    }).output();
    const [out, faults] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, out: out!, faults: faults! };
  };
  return {
    folder,
    /** Replaces the one place that fits. */
    async change(path: string, place: string | RegExp, replace: (text: string) => string) {
      const text = await Deno.readTextFile(`${folder}/${path}`);
      const changed = text.replace(place, replace);
      assert.notEqual(changed, text, `${path} has no ${place}`);
      await Deno.writeTextFile(`${folder}/${path}`, changed);
    },
    /** The files in which the compiler finds something wrong. */
    async filesWithFaults(): Promise<string[]> {
      const { code, faults } = await deno(["check", "main.ts", "mod.ts"], {});
      const files = [...faults.matchAll(/^ {4}at file:\/\/(\S+?):\d+:\d+$/gm)]
        .map(([, path]) => path!.slice(path!.indexOf("/src/") + 1));
      assert.equal(code !== 0, files.length > 0, faults);
      return [...new Set(files)].sort();
    },
    async run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
      const { code, out, faults } = await deno(
        ["run", "-A", "--no-check", "main.ts", ...args],
        env,
      );
      assert.equal(code, 0, faults);
      return out;
    },
    async [Symbol.asyncDispose]() {
      await Deno.remove(folder, { recursive: true });
    },
  };
}
