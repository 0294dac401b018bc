import assert from "node:assert/strict";
import { manPage } from "../../../scripts/release/man_page.ts";
import { flagName } from "../../../src/config/table/setting.ts";
import { setting, SETTING_NAMES } from "../../../src/config/table/schema.ts";
import { VERBS } from "../../../src/cli/verbs.ts";
import { findDebianProgram } from "../../support/debian_program.ts";

const GROFF = { names: ["groff"], variable: "GROFF_BIN", package: "groff-base" };
const PAGE = manPage({ version: "1.2.3" });

/** The page as a terminal shows it, or only what groff complains about. */
async function groff(page: string, ...args: string[]): Promise<{ text: string; warnings: string }> {
  const path = await Deno.makeTempFile({ suffix: ".1" });
  try {
    await Deno.writeTextFile(path, page);
    const command = new Deno.Command(await findDebianProgram(GROFF), {
      args: ["-man", "-ww", "-Tutf8", "-P-cbou", ...args, path],
    });
    const { stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    return { text: decoder.decode(stdout), warnings: decoder.decode(stderr) };
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("manPage is typeset without a warning", async () => {
  assert.equal((await groff(PAGE, "-z")).warnings, "");
  assert.match((await groff(PAGE + ".BX nothing\n", "-z")).warnings, /BX/);
});

Deno.test("manPage shows each verb with its example, and each setting by flag and by variable", async () => {
  const { text } = await groff(PAGE, "-rLL=250n");
  assert.match(text, /tributary 1\.2\.3/);
  for (const { name, example } of VERBS) {
    assert(text.includes(`\n   ${name}\n       tributary ${name}`), name);
    assert(text.includes(`${example}\n`), example);
  }
  for (const name of SETTING_NAMES) {
    const { placeholder } = setting(name);
    assert.match(text, new RegExp(`^ +--${flagName(name)} ${placeholder}, ${name}$`, "m"));
  }
});

Deno.test("manPage keeps signs that can be copied into a command line", async () => {
  const { text } = await groff(PAGE);
  assert.doesNotMatch(text, /[\u2010\u2018\u2019\u02dc\u02c6]/);
  assert.doesNotMatch(text, /`|\\f/);
});
