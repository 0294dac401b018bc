import assert from "node:assert/strict";
import { showVerb } from "../../../src/cli/show_verb.ts";
import { runFake } from "../../support/fake_host.ts";
import { layIntoFolder } from "../../support/lake_folder.ts";
import { LakeWorld } from "../../support/lake_world.ts";

const verb = showVerb({
  name: "stream names",
  summary: "Show names",
  argument: { name: "[stream]", description: "shop.orders" },
  list: (lake, stream) => lake.positions(stream),
  textOf: ({ stream }) => `${stream}\n`,
  jsonOf: ({ stream }) => stream,
});

Deno.test("showVerb prints what the lake has as text and as JSON, and fails where that is nothing", async () => {
  const world = new LakeWorld();
  world.insert(3);
  await world.instance().runToEnd();
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url };
  const text = await runFake("stream names", { env }, [verb]);
  assert.deepEqual([text.code, text.stdout], [0, "collection:shop.orders\n"]);
  const json = await runFake("stream names shop.orders --json", { env }, [verb]);
  assert.deepEqual(JSON.parse(json.stdout), ["collection:shop.orders"]);
  const none = await runFake("stream names shop.items", { env }, [verb]);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /no shop\.items .*`tributary stream names`/);
});
