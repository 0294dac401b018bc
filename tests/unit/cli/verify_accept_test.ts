import assert from "node:assert/strict";
import { movePosition } from "../../../src/operate/move_position.ts";
import { runFake } from "../../support/fake_host.ts";
import { type LakeFolder, layIntoFolder } from "../../support/lake_folder.ts";
import { LakeWorld } from "../../support/lake_world.ts";
import { operatorParts } from "../../support/operator_parts.ts";

/** A lake with a gap in record 4. */
async function lakeWithGap(): Promise<LakeFolder> {
  const world = new LakeWorld();
  world.insert(5);
  await world.instance().runToEnd();
  world.insert(5);
  world.pass(60);
  await movePosition(operatorParts(world), "shop.orders", { kind: "now" }, true);
  return await layIntoFolder(world);
}

function verify(lake: LakeFolder, ...flags: string[]) {
  return runFake(["verify", "--destination", lake.url, ...flags].join(" "));
}

Deno.test("verify is red for a gap until somebody accepts it, and goes on to show it", async () => {
  await using lake = await lakeWithGap();
  const before = await verify(lake);
  assert.equal(before.code, 1);
  const seq = /hole in record (\d+): events between/.exec(before.stdout)?.[1];
  assert.ok(seq, before.stdout);
  const hint = `tributary verify --accept ${seq} --stream collection:shop.orders --reason TEXT`;
  assert.ok(before.stdout.includes(hint), before.stdout);
  const accepted = await verify(lake, "--accept", seq, "--reason", "loaded-anew");
  assert.deepEqual([accepted.code, accepted.stderr], [0, ""]);
  const said = `^collection:shop.orders: record ${seq} is accepted \\(a gap\\): loaded-anew `;
  assert.match(accepted.stdout, new RegExp(said));
  const again = await verify(lake, "--accept", seq, "--reason", "another");
  assert.equal(again.code, 0);
  const kept = `: record ${seq} was accepted before, and stays so \\(a gap\\): loaded-anew `;
  assert.match(again.stdout, new RegExp(kept));
  const after = await verify(lake);
  assert.deepEqual([after.code, after.stderr], [0, ""]);
  assert.match(after.stdout, /^collection:shop\.orders: whole; /);
  const line = `^  accepted in record ${seq}: events between .* were not read: .*; loaded-anew \\(`;
  assert.match(after.stdout, new RegExp(line, "m"));
  assert.match(after.stdout, /^The lake is whole as far as it can be: /m);
  assert.match(after.stdout, /^Losses that somebody has accepted, and that count no more: 1\.$/m);
  const json = JSON.parse((await verify(lake, "--json")).stdout);
  assert.equal(json.whole, true);
  assert.equal(json.streams[0].accepted[0].reason, "loaded-anew");
  // Other damage is red as ever.
  await Deno.remove(`${lake.path}/_tributary/streams/collection.shop.orders/0000000000000001.json`);
  assert.equal((await verify(lake)).code, 1);
});

Deno.test("verify names an acceptance of a record that is no loss, which counts for nothing", async () => {
  await using lake = await lakeWithGap();
  const [seq] = /(?<=hole in record )\d+/.exec((await verify(lake)).stdout)!;
  await verify(lake, "--accept", seq, "--reason", "loaded-anew");
  const folder = `${lake.path}/_tributary/accepted/collection.shop.orders/`;
  const file = `${folder}${seq.padStart(16, "0")}.json`;
  const text = await Deno.readTextFile(file);
  await Deno.remove(file);
  await Deno.writeTextFile(
    `${folder}0000000000000001.json`,
    text.replace(`"seq": ${seq}`, '"seq": 1'),
  );
  const { code, stderr } = await verify(lake);
  assert.equal(code, 1);
  assert.match(stderr, /1\.json" accepts a loss that record 1 does not name/);
});

Deno.test("verify --accept says what is missing in it", async () => {
  await using lake = await lakeWithGap();
  for (
    const [flags, code, why] of [
      [["--accept", "4"], 2, /--accept needs --reason/],
      [["--accept", "4", "--reason="], 2, /--accept needs --reason/],
      [["--accept", "four", "--reason", "r"], 2, /"four" names no records; .* as 42 or 42,57/],
      [["--accept", "4", "--reason", "r", "--read"], 2, /leave --read out/],
      [["--reason", "r"], 2, /--reason goes with --accept/],
      [["--accept", "1", "--reason", "r"], 1, /record 1 of collection:shop\.orders: it is a batch/],
    ] as const
  ) {
    const result = await verify(lake, ...flags);
    assert.equal(result.code, code, flags.join(" "));
    assert.match(result.stderr, why);
    assert.equal(result.stdout, "");
  }
});
