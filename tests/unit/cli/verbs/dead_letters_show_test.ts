import assert from "node:assert/strict";
import { runFake } from "../../../support/fake_host.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { lakeWithLetters } from "../../../support/letter_lake.ts";

Deno.test("dead-letters show prints the events of a record as Extended JSON", async () => {
  await using lake = await layIntoFolder(await lakeWithLetters(8));
  const env = { DESTINATION: lake.url };
  const { code, stdout, stderr } = await runFake("dead-letters show shop.orders 2", { env });
  assert.deepEqual([code, stderr], [0, ""]);
  const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(events.map(({ fullDocument }) => fullDocument), [{ number: 5 }, { number: 7 }]);
  const no = await runFake("dead-letters show shop.orders 7", { env });
  assert.equal(no.code, 1);
  assert.match(no.stderr, /There is no record 7 of shop\.orders below file:/);
  const none = await runFake("dead-letters show shop.orders 0", { env });
  assert.equal(none.code, 1);
  assert.match(
    none.stderr,
    /no dead letter in record 0 of shop\.orders; `tributary dead-letters list`/,
  );
});

Deno.test("dead-letters show writes the bytes as they are to a new file", async () => {
  await using lake = await layIntoFolder(await lakeWithLetters(4));
  const files = new Map<string, string>();
  const fake = { env: { DESTINATION: lake.url }, files };
  const line = "dead-letters show shop.orders 1 --bson out.bson";
  assert.equal((await runFake(line, fake)).code, 0);
  const [file] = [...Deno.readDirSync(`${lake.path}/_tributary/dead-letter`)];
  const bytes = await Deno.readFile(`${lake.path}/_tributary/dead-letter/${file!.name}`);
  assert.deepEqual(Uint8Array.from(files.get("out.bson")!, (c) => c.charCodeAt(0)), bytes);
  const again = await runFake(line, fake);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /File exists/);
});
