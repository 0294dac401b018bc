import assert from "node:assert/strict";
import { runFake } from "../../../support/fake_host.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { lakeWithLetters } from "../../../support/letter_lake.ts";

Deno.test("dead-letters list counts each stream's, and tells of each when, where, what and why", async () => {
  await using lake = await layIntoFolder(await lakeWithLetters(8));
  const env = { DESTINATION: lake.url };
  const { code, stdout, stderr } = await runFake("dead-letters list", { env });
  assert.deepEqual([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines[0], "collection:shop.orders: 4 dead letters");
  assert.match(
    lines[1]!,
    /^ {2}2026-11-2\dT\d\d:\d\d:\d\dZ {2}record 1 {2}insert of shop\.orders$/,
  );
  assert.equal(lines[2], "      Cannot write number: it is odd");
  assert.equal(lines.length, 9);
});

Deno.test("dead-letters list prints JSON, and what was redriven", async () => {
  await using lake = await layIntoFolder(await lakeWithLetters(8));
  const env = { DESTINATION: lake.url, ENCODERS: "0" };
  await runFake("dead-letters redrive shop.orders 1", { env });
  const { stdout } = await runFake("dead-letters list shop.orders --json", { env });
  const files = JSON.parse(stdout);
  assert.deepEqual(
    files.map((file: Record<string, unknown>) => [file["stream"], file["seq"]]),
    [["collection:shop.orders", 1], ["collection:shop.orders", 2]],
  );
  const [redriven, other] = [files[0].letters[0], files[1].letters[0]];
  assert.deepEqual([redriven.redriven, redriven.canBeRedriven], [true, false]);
  assert.deepEqual([other.redriven, other.canBeRedriven], [false, true]);
  assert.equal(other.operation, "insert");
  assert.match(
    (await runFake("dead-letters list", { env })).stdout,
    /4 dead letters, 2 of them redriven/,
  );
});

Deno.test("dead-letters list says that there are none", async () => {
  const world = new LakeWorld();
  world.insert(1);
  await world.instance().runToEnd();
  await using lake = await layIntoFolder(world);
  const { code, stdout } = await runFake("dead-letters list shop.orders", {
    env: { DESTINATION: lake.url },
  });
  assert.equal(code, 0);
  assert.match(stdout, /^There are no dead letters in shop\.orders below file:/);
});

Deno.test("dead-letters list names those whose file is gone, and no stream that is not there", async () => {
  await using lake = await layIntoFolder(await lakeWithLetters(8));
  const folder = `${lake.path}/_tributary/dead-letter`;
  const [file] = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  await Deno.remove(`${folder}/${file}`);
  const env = { DESTINATION: lake.url };
  const { stdout } = await runFake("dead-letters list shop.orders", { env });
  assert.match(stdout, /^collection:shop\.orders: 4 dead letters, 2 of them cannot be read\n/);
  assert.match(
    stdout,
    /record 1: Cannot read dead letters: .* is gone; put it back, or its 2 events/,
  );
  for (const verb of ["list", "redrive", "list --json"]) {
    const [word, ...rest] = verb.split(" ");
    const line = ["dead-letters", word, "shop.items", ...rest].join(" ");
    const { code, stderr } = await runFake(line, { env });
    assert.equal(code, 1, line);
    assert.match(
      stderr,
      /^tributary: There is no shop\.items below file:.*`tributary position show`/,
    );
  }
});
