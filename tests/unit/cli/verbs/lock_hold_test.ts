import assert from "node:assert/strict";
import { runProgram } from "../../../../src/cli/program.ts";
import { GROUPS, VERBS } from "../../../../src/cli/verbs.ts";
import { eventually } from "../../../support/eventually.ts";
import { fakeHost, runFake } from "../../../support/fake_host.ts";
import { type FleetFolder, fleetFolder } from "../../../support/fleet_folder.ts";

const HOLDER = { owner: "host-1-abc", instance: "app-1", since: "" };

/** Runs `lock hold` until its standard input is closed. */
function hold(place: FleetFolder, line: string) {
  const stdin = Promise.withResolvers<void>();
  const args = `lock hold ${line}`.split(" ");
  const { host, stdout, stderr } = fakeHost({ env: place.env, args, stdinEnded: stdin.promise });
  const code = runProgram(host, VERBS, GROUPS);
  return { code, stdout, stderr, closeStdin: stdin.resolve };
}

Deno.test("lock hold prints acquired, and releases when standard input is closed", async () => {
  await using place = await fleetFolder();
  const held = hold(place, "--key nightly --ttl 10m");
  await eventually(() => held.stdout.length > 0);
  assert.deepEqual(held.stdout, ["acquired\n"]);
  const [lease] = await place.fleet.leases.list();
  assert.equal(lease?.stream, "nightly");
  assert.equal(lease.instance, "laptop");
  assert(lease.leftMs > 500_000 && lease.leftMs <= 600_000);
  held.closeStdin();
  assert.equal(await held.code, 0);
  assert.deepEqual(await place.fleet.leases.list(), []);
});

Deno.test("lock hold ends with 75 where somebody else holds the lease", async () => {
  await using place = await fleetFolder();
  await place.fleet.leases.take("nightly", HOLDER, 3_600_000);
  const { code, stdout, stderr } = await runFake("lock hold --key nightly", place);
  assert.deepEqual([code, stdout], [75, ""]);
  assert.equal(stderr, "Another instance is processing, skipping this cycle\n");
});

Deno.test("lock hold waits where that is wished", async () => {
  await using place = await fleetFolder();
  const generation = (await place.fleet.leases.take("nightly", HOLDER, 3_600_000))!;
  const held = hold(place, "--key nightly --wait");
  await place.fleet.leases.release("nightly", { ...HOLDER, generation });
  await eventually(() => held.stdout.length > 0);
  held.closeStdin();
  assert.equal(await held.code, 0);
});

Deno.test("lock hold ends with 1 when the lease is lost", async () => {
  await using place = await fleetFolder();
  const held = hold(place, "--key nightly --ttl 1s");
  await eventually(() => held.stdout.length > 0);
  assert.equal(await place.fleet.leases.releaseAny("nightly"), true);
  assert.equal(await held.code, 1);
  assert.match(held.stderr.join(""), /^tributary: The lease of "nightly" is (lost|over)/);
});

Deno.test("lock hold refuses a key or a duration that cannot be", async () => {
  for (
    const [line, fault] of [["", /--key is needed/], ["--key {x}", /--key is needed/], [
      "--key x --ttl soon",
      /--ttl "soon" must be a duration/,
    ], ["--key x --ttl 10ms", /1s or more/]] as const
  ) {
    await using place = await fleetFolder();
    const { code, stderr } = await runFake(`lock hold ${line}`, place);
    assert.equal(code, 2);
    assert.match(stderr, fault);
  }
});
