import assert from "node:assert/strict";
import { createFileNews } from "../../../../src/coordinate/file/file_news.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("createFileNews writes a readable file for each, and removes that of one who is gone", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const clock = new VirtualClock();
    const news = createFileNews(folder, clock);
    const told = { owner: "host/1", streams: [] };
    await news.tell(told, 1000);
    const file = `${folder}/host%2F1.txt`;
    const [endMs, json] = (await Deno.readTextFile(file)).split("\n");
    assert.equal(Number(endMs), clock.wallMs() + 1000);
    assert.deepEqual(JSON.parse(json!), { ...told, ttlMs: 1000 });
    await Deno.writeTextFile(`${folder}/cut-off.txt`, "17");
    await clock.advance(300);
    assert.deepEqual(await news.read(["host/1"]), [{ ...told, ageMs: 300 }]);
    await clock.advance(700);
    assert.deepEqual(await news.read(["host/1"]), []);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
