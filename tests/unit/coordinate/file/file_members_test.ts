import assert from "node:assert/strict";
import { createFileChanges } from "../../../../src/coordinate/file/file_changes.ts";
import { createFileMembers } from "../../../../src/coordinate/file/file_members.ts";
import { systemRandom } from "../../../../src/support/random.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const MEMBER = {
  owner: "host/1",
  instance: "one",
  version: "0.1.0",
  since: "t",
  streams: ["x"],
  failed: 0,
  isLeaving: false,
};

Deno.test("createFileMembers writes a readable file for each, and removes that of a silent one", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const clock = new VirtualClock();
    const changes = createFileChanges(`${folder}/news`, systemRandom);
    const members = createFileMembers(`${folder}/members`, clock, changes);
    await members.announce(MEMBER, 1000);
    const file = `${folder}/members/host%2F1.json`;
    const endMs = clock.wallMs() + 1000;
    assert.deepEqual(JSON.parse(await Deno.readTextFile(file)), { endMs, ...MEMBER });
    await Deno.writeTextFile(`${folder}/members/strange.json`, "{");
    assert.deepEqual(await members.list(), [{ ...MEMBER, leftMs: 1000 }]);
    await clock.advance(1000);
    assert.deepEqual(await members.list(), []);
    await assert.rejects(Deno.stat(file), Deno.errors.NotFound);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
