import assert from "node:assert/strict";
import { runFake } from "../../../support/fake_host.ts";

/** Nobody listens on these ports of loopback. */
const MONGODB_URI = "mongodb://ann:hunter22@127.0.0.1:9/?serverSelectionTimeoutMS=200";
const REDIS_URL = "redis://:swordfish@127.0.0.1:9";

Deno.test("check says of each server what is wrong with it, without secrets, and ends with 3", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const env = { MONGODB_URI, REDIS_URL, DESTINATION: `file://${folder}` };
    const { code, stdout, stderr } = await runFake("check", { env });
    assert.deepEqual([code, stderr], [3, ""]);
    const lines = stdout.trimEnd().split("\n");
    assert.match(lines[0]!, /^failed {3}MongoDB {6}Cannot .*127\.0\.0\.1:9/);
    assert.match(lines[1]!, /^ok {7}Destination {2}file:.* can be written, read and listed/);
    assert.match(lines[2]!, /^failed {3}Redis {8}Cannot .*127\.0\.0\.1:9/);
    assert.equal(lines[3], "2 checks failed.");
    assert.doesNotMatch(stdout, /hunter22|swordfish/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("check prints JSON", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const env = { MONGODB_URI, DESTINATION: `file://${folder}`, RUST_LOG: "info" };
    const { code, stdout } = await runFake("check --json", { env });
    const { ok, checks } = JSON.parse(stdout);
    assert.deepEqual([code, ok], [3, false]);
    assert.deepEqual(
      checks.map(({ subject, state }: Record<string, string>) => [subject, state]),
      [["Settings", "warning"], ["MongoDB", "failed"], ["Destination", "ok"], ["Leases", "ok"]],
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("check lists faults of the settings and ends with 2", async () => {
  const { code, stdout, stderr } = await runFake("check --format xml");
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^3 faults in the configuration:/);
});
