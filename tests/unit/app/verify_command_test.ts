import assert from "node:assert/strict";
import { verify } from "../../../src/app/verify_command.ts";
import { loadLakeConfig } from "../../../src/config/resolve/load.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { silentLog } from "../../../src/support/log.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { layIntoFolder } from "../../support/lake_folder.ts";
import { LakeWorld } from "../../support/lake_world.ts";
import { MACHINE, sourcesOf } from "../../support/load_config.ts";

const TOOLS = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };

Deno.test("verify() needs no MongoDB, and finds nothing in an empty lake", async () => {
  const { streams, report } = await verified(new LakeWorld());
  assert.deepEqual(streams, []);
  assert.deepEqual([report.streamsInLake, report.orphansFound, report.notes], [0, 0, []]);
});

Deno.test("verify() compares the lake with the state store, and goes on where that does not answer", async () => {
  const world = new LakeWorld();
  world.insert(3);
  await world.instance().runToEnd();
  const { streams, report } = await verified(world, {
    STATE_STORE: "redis",
    REDIS_URL: "redis://127.0.0.1:1",
  });
  assert.deepEqual(streams, ["collection.shop.orders"]);
  assert.match(report.notes.join(), /^The state store was not compared: /);
  const [state] = [...await world.state.list()];
  const folder = await Deno.makeTempDir();
  const later = { ...state![1], seq: 99, position: { operationTime: { t: 4e9, i: 1 }, data: "" } };
  await Deno.mkdir(`${folder}/p`);
  await Deno.writeTextFile(`${folder}/p/${state![0]}.json`, JSON.stringify(later));
  const short = await verified(world, { STATE_STORE: `file://${folder}`, PIPELINE_NAME: "p" });
  await Deno.remove(folder, { recursive: true });
  assert.match(short.report.lost[0]!.what, /the state store knows record 99/);
});

async function verified(world: LakeWorld, env: Record<string, string> = {}) {
  await using lake = await layIntoFolder(world);
  const loaded = loadLakeConfig(sourcesOf({ env: { DESTINATION: lake.url, ...env } }), MACHINE);
  assert.ok(loaded.ok);
  const command = { tools: TOOLS, signal: new AbortController().signal, reached: () => {} };
  const streams: string[] = [];
  const told = ({ stream }: { stream: string }) => streams.push(stream);
  const report = await verify(loaded.config, command, {}, { verified: told });
  return { streams, report };
}
