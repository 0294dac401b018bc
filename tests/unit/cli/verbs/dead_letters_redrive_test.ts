import assert from "node:assert/strict";
import { runFake } from "../../../support/fake_host.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { lakeWithLetters } from "../../../support/letter_lake.ts";

Deno.test("dead-letters redrive says what became rows, and the lake is whole afterwards", async () => {
  await using lake = await layIntoFolder(await lakeWithLetters(8));
  const env = { DESTINATION: lake.url, ENCODERS: "0" };
  const { code, stdout, stderr } = await runFake("dead-letters redrive", { env });
  assert.deepEqual([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assert.match(
    lines[0]!,
    /^collection:shop\.orders record 1: 2 events are rows now: db=shop\/.*\.redriven\.jsonl$/,
  );
  assert.equal(lines.length, 2);
  const again = await runFake("dead-letters redrive shop.orders", { env });
  assert.match(
    again.stdout,
    /^collection:shop\.orders record 1: all of its events were redriven before\n/,
  );
  const verified = await runFake("verify --read", { env });
  assert.equal(verified.code, 0, verified.stdout);
  assert.match(verified.stdout, /4 dead letters, 4 of them rows by now/);
  // What is mended counts as dealt with, so that the gauge of dead letters ends.
  assert.match(
    verified.stdout,
    /accepted in record 1: 2 of its events are dead letters; all of them are rows by now \(host-1, /,
  );
  assert.doesNotMatch(verified.stdout, /record \d has 2 dead letters/);
});

Deno.test("dead-letters redrive ends with 1 where an event stays what it is, and says why", async () => {
  const world = await lakeWithLetters(4, "Cannot read the change stream x: no image");
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url, ENCODERS: "0" };
  const { code, stdout } = await runFake("dead-letters redrive", { env });
  assert.equal(code, 1);
  assert.match(
    stdout,
    /an event stays a dead letter: it is not the event as it should be, .*no image\n/,
  );
  assert.match((await runFake("verify", { env })).stdout, /record 1 has 2 dead letters/);
  const none = await runFake("dead-letters redrive shop.orders 0", { env });
  assert.deepEqual([none.code, none.stdout.slice(0, 26)], [0, "There are no dead letters "]);
});

Deno.test("dead-letters redrive refuses a record whose dead letters are gone", async () => {
  await using lake = await layIntoFolder(await lakeWithLetters(4));
  await Deno.remove(`${lake.path}/_tributary/dead-letter`, { recursive: true });
  const env = { DESTINATION: lake.url, ENCODERS: "0" };
  const { code, stderr } = await runFake("dead-letters redrive shop.orders", { env });
  assert.equal(code, 1);
  assert.match(stderr, /record 1: Cannot read dead letters: .* is gone; put it back/);
});
