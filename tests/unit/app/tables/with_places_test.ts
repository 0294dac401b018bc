import assert from "node:assert/strict";
import { withPlaces } from "../../../../src/app/tables/with_places.ts";
import { loadLakeConfig } from "../../../../src/config/resolve/load.ts";
import { JOURNAL_MARK } from "../../../../src/journal/journal_keys.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { systemRandom } from "../../../../src/support/random.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { MACHINE, sourcesOf } from "../../../support/load_config.ts";
import { write } from "../../../support/table_world.ts";

const TOOLS = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };

Deno.test("withPlaces() says that a lake was reached before it works there, and not where its journal lies elsewhere", async () => {
  const world = new LakeWorld();
  await write(world, 1);
  await using lake = await layIntoFolder(world);
  const happened: string[] = [];
  const reached = () => void happened.push("reached");
  const command = { tools: TOOLS, signal: new AbortController().signal, reached };
  const work = (url: string) => {
    const loaded = loadLakeConfig(sourcesOf({ env: { DESTINATION: url } }), MACHINE);
    assert.ok(loaded.ok);
    return withPlaces(loaded.config, command, ({ destination }) => {
      happened.push(destination.url);
      return Promise.resolve(1);
    });
  };
  assert.equal(await work(lake.url), 1);
  assert.deepEqual(happened.splice(0), ["reached", lake.url]);
  const mark = { v: 1, pair: "p", journal: "s3://journals/shop", destination: lake.url };
  await Deno.writeTextFile(new URL(`${lake.url}/${JOURNAL_MARK}`), JSON.stringify(mark));
  await assert.rejects(work(lake.url), /s3:\/\/journals\/shop/);
  assert.deepEqual(happened, []);
});
