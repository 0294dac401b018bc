import assert from "node:assert/strict";
import { join } from "node:path";
import { findOnPath } from "../../../scripts/services/binary.ts";
import { ROOT } from "../../support/tidy/source_file.ts";

const UNITS = ["tributary.service", "tributary@.service"];
const EXPOSURE_MAX = 2;
/** SHUTDOWN_TIMEOUT's default and the two seconds in which the rest is cut off. */
const STOP_SECONDS = 32;

function read(unit: string): string {
  return Deno.readTextFileSync(`${ROOT}deploy/systemd/${unit}`);
}

async function analyze(args: readonly string[]): Promise<string> {
  const output = await new Deno.Command("systemd-analyze", {
    args: [...args],
    env: { SYSTEMD_COLORS: "0", NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  const all = text.decode(output.stdout) + text.decode(output.stderr);
  assert.equal(output.code, 0, all);
  return all;
}

/** The units in a folder, with a program and a settings file that are there, as the analysis wants them. */
async function installedUnits(folder: string): Promise<string[]> {
  const settings = join(folder, "settings.env");
  await Deno.writeTextFile(settings, "");
  return await Promise.all(UNITS.map(async (unit) => {
    const path = join(folder, unit.replace("@", "@orders"));
    const text = read(unit).replaceAll("/usr/local/bin/tributary", Deno.execPath())
      .replaceAll(/^EnvironmentFile=.*$/gm, `EnvironmentFile=${settings}`);
    await Deno.writeTextFile(path, text);
    return path;
  }));
}

Deno.test("the units of deploy/systemd let nobody in and leave time to stop", () => {
  for (const unit of UNITS) {
    const values = new Map(
      read(unit).split("\n").filter((line) => /^[A-Z]\w*=/.test(line))
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    for (const name of ["DynamicUser", "NoNewPrivileges", "PrivateTmp", "RestrictNamespaces"]) {
      assert.equal(values.get(name), "yes", `${unit}: ${name}`);
    }
    assert.equal(values.get("ProtectSystem"), "strict");
    assert.equal(values.get("CapabilityBoundingSet"), "");
    assert.equal(values.get("MemoryDenyWriteExecute"), "no", "V8 compiles while it runs");
    assert.equal(values.get("ExecReload"), "kill -HUP $MAINPID");
    assert.equal(values.get("RestartPreventExitStatus"), "2", "wrong settings stay wrong");
    assert(parseInt(values.get("TimeoutStopSec")!) > STOP_SECONDS);
  }
});

Deno.test("the units of deploy/systemd differ in names and folders only", () => {
  const [one, many] = UNITS.map((unit) => read(unit).slice(read(unit).indexOf("[Unit]")));
  const plain = many!.replaceAll("/etc/tributary/%i.env", "/etc/tributary/tributary.env")
    .replaceAll("tributary/%i", "tributary").replaceAll("tributary %i", "tributary");
  assert.equal(plain, one);
});

// Where there is no systemd there is nothing that could analyze: the tests above look at the files then.
if (await findOnPath("systemd-analyze") !== undefined) {
  Deno.test("systemd-analyze finds no fault in the units, and an exposure below 2", async () => {
    const folder = await Deno.makeTempDir({ prefix: "tributary-units-" });
    try {
      for (const path of await installedUnits(folder)) {
        const faults = await analyze(["verify", "--man=no", path]);
        assert.doesNotMatch(faults, /tributary/, faults);
        const report = await analyze(["security", "--offline=true", "--no-pager", path]);
        const exposure = /Overall exposure level for .*: ([\d.]+)/.exec(report)?.[1];
        assert(Number(exposure) < EXPOSURE_MAX, report);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
