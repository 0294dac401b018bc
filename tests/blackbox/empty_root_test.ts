import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { runCommand } from "../../scripts/services/run_command.ts";
import { mongodbUri, uniqueName } from "../support/services.ts";

const PROGRAM = Deno.env.get("TRIBUTARY_BIN") ?? "";
/** What the image's user is. */
const USER = "65532:65532";
/** The executable finds itself in /proc, which every container has. */
const OWN_PROC = ["/usr/bin/unshare", "--mount", "--pid", "--fork"] as const;
/** `\x7fELF`: where the base binary cannot be had, a script that runs the bundle stands in for the executable. */
const ELF = "\u007fELF";

function isExecutable(path: string): boolean {
  try {
    using file = Deno.openSync(path);
    const head = new Uint8Array(4);
    file.readSync(head);
    return new TextDecoder().decode(head) === ELF;
  } catch {
    return false;
  }
}

/** A root with the executable, the C library, the names of hosts and nothing else, as in the image. */
async function emptyRoot(): Promise<string> {
  const root = await Deno.makeTempDir({ prefix: "tributary-root-" });
  await Deno.chmod(root, 0o755);
  const libraries = (await runCommand("ldd", [PROGRAM])).match(/\/\S+/g) ?? [];
  for (const library of libraries) {
    await Deno.mkdir(dirname(root + library), { recursive: true });
    await Deno.copyFile(await Deno.realPath(library), root + library);
  }
  await Deno.copyFile(PROGRAM, join(root, "tributary"));
  await Deno.mkdir(join(root, "etc"));
  await Deno.writeTextFile(join(root, "etc", "hosts"), "127.0.0.1 localhost\n");
  await Deno.mkdir(join(root, "proc"));
  await Deno.mkdir(join(root, "lake"));
  await Deno.chown(join(root, "lake"), 65532, 65532);
  return root;
}

async function runInside(
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; output: string }> {
  const output = await new Deno.Command(OWN_PROC[0], {
    args: [...OWN_PROC.slice(1), `--mount-proc=${root}/proc`]
      .concat("/usr/sbin/chroot", `--userspec=${USER}`, root, "/tributary", args),
    clearEnv: true,
    env: { ...env },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code: output.code, output: text.decode(output.stdout) + text.decode(output.stderr) };
}

/** Whether we may make a root of our own: not in every container, and not as every user. */
async function mayIsolate(): Promise<boolean> {
  try {
    return (await new Deno.Command(OWN_PROC[0], { args: [...OWN_PROC.slice(1), "true"] }).output())
      .success;
  } catch {
    return false;
  }
}

// Elsewhere the other tests of the executable must do.
if (isExecutable(PROGRAM) && await mayIsolate()) {
  Deno.test("the executable needs nothing but the C library: no shell, no home, no certificates, no user", async () => {
    const root = await emptyRoot();
    try {
      const version = await runInside(root, ["version"]);
      assert.equal(version.code, 0, version.output);
      const licences = await runInside(root, ["version", "--licenses"]);
      assert.match(licences.output, /contains the works of others/);
      const checked = await runInside(root, ["check"], {
        MONGODB_URI: mongodbUri(),
        MONGODB_DATABASE: uniqueName("root"),
        DESTINATION: "file:///lake",
      });
      assert.equal(checked.code, 0, checked.output);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  });
}
