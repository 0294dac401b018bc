import assert from "node:assert/strict";
import { deadLetters } from "../../../src/app/dead_letters.ts";
import { loadLakeConfig } from "../../../src/config/load.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { silentLog } from "../../../src/support/log.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { layIntoFolder } from "../../support/lake_folder.ts";
import { lakeWithLetters } from "../../support/letter_lake.ts";
import { MACHINE, sourcesOf } from "../../support/load_config.ts";

const TOOLS = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };

Deno.test("deadLetters() lists, shows and redrives without MongoDB, and one bad file does not keep the others back", async () => {
  await using lake = await layIntoFolder(await lakeWithLetters(8));
  const env = { DESTINATION: lake.url, ENCODERS: "0" };
  const loaded = loadLakeConfig(sourcesOf({ env }), MACHINE);
  assert.ok(loaded.ok);
  const command = { tools: TOOLS, signal: new AbortController().signal, reached: () => {} };
  await deadLetters(loaded.config, command, async (letters) => {
    const files = await Array.fromAsync(letters.list({}));
    assert.deepEqual(files.map(({ seq, letters }) => [seq, letters.length]), [[1, 2], [2, 2]]);
    const [first] = files[0]!.letters;
    assert.equal(first!.text, "insert of shop.orders");
    assert.match(String(letters.jsonOf(first!.event)), /"fullDocument":\{"number":1\}/);
    assert(letters.jsonOf(new Uint8Array(3)) instanceof Error);
    await Deno.truncate(`${lake.path}/${files[0]!.file}`, 7);
    const [damaged] = await Array.fromAsync(letters.list({}));
    assert.match(damaged!.fault!, /has 1 events, its record names 2/);
    const [refused, redriven] = await Array.fromAsync(letters.redrive({}));
    assert("fault" in refused! && refused.seq === 1);
    assert("made" in redriven! && redriven.made[0]!.rows === 2);
  });
});
