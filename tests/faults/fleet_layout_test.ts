/** `tributary layout set` on a fleet at work. */
import assert from "node:assert/strict";
import type { Fleet } from "../support/fleet.ts";
import { playSceneWell } from "../support/fleet_scene.ts";

Deno.test("layout set divides a collection 4, 2, 4 on a fleet at work, and each event lands once", async () => {
  const options = { lake: "folder", collections: 2, streams: 8, env: { PARTITIONS: "4" } } as const;
  await playSceneWell(options, async ({ fleet }) => {
    await divide(fleet, 2, 6);
    await divide(fleet, 4, 8);
  });
});

Deno.test("layout set divides a collection 1, 4, 1 while a process is killed, and each event lands once", async () => {
  await playSceneWell({ lake: "folder", collections: 3 }, async ({ fleet }) => {
    const { instance } = await fleet.busiest();
    const dividing = divide(fleet, 4, 6);
    await fleet.kill(instance);
    fleet.start();
    await dividing;
    await divide(fleet, 1, 3);
  });
});

Deno.test("layout set while a process is frozen divides its streams without it, and each event lands once", async () => {
  const options = { lake: "folder", collections: 3, streams: 6, env: { PARTITIONS: "2" } } as const;
  await playSceneWell(options, async ({ fleet }) => {
    const { instance, streams } = await fleet.busiest();
    instance.program.kill("SIGSTOP");
    assert.equal((await order(fleet, 4)).code, 0);
    await fleet.taken(streams.filter((stream) => !stream.includes(".c1.")), instance);
    fleet.streams = 8;
    await fleet.settled(fleet.instances.filter((each) => each !== instance));
    instance.program.kill("SIGCONT");
    await fleet.settled();
  });
});

Deno.test("layout set while Redis is away takes effect when it is back, and each event lands once", async () => {
  await playSceneWell({ lake: "folder", collections: 3 }, async ({ fleet, redis }) => {
    redis!.kill("SIGKILL");
    await redis!.exited();
    const { code, stderr } = await order(fleet, 3);
    assert.equal(code, 0, stderr);
    await redis!.restart();
    fleet.streams = 5;
    await fleet.settled();
  });
});

Deno.test("layout set given twice at once changes a layout once, and each event lands once", async () => {
  await playSceneWell({ lake: "folder", collections: 2 }, async ({ fleet }) => {
    const orders = await Promise.all([order(fleet, 2), order(fleet, 3)]);
    const done = orders.flatMap(({ code }, i) => code === 0 ? [i + 2] : []);
    assert.ok(done.length >= 1, orders.map(({ stderr }) => stderr).join(""));
    const shown = JSON.parse((await fleet.run("layout", "show", "--json")).stdout) as {
      readonly target: string;
      readonly epochs: readonly { readonly of: number }[];
    }[];
    const of = shown.find(({ target }) => target.endsWith(".c1"))!.epochs.at(-1)!.of;
    assert.ok(done.includes(of));
    fleet.streams = 1 + of;
    await fleet.settled();
  });
});

function order(fleet: Fleet, of: number) {
  return fleet.run("layout", "set", `${fleet.database}.c1`, String(of));
}

/** Divides the first collection, and waits until so many streams run in all. */
async function divide(fleet: Fleet, of: number, streams: number): Promise<void> {
  const { code, stderr } = await order(fleet, of);
  assert.equal(code, 0, stderr);
  fleet.streams = streams;
  await fleet.settled();
  const running = await fleet.allStreams();
  await fleet.until("the new streams store objects", async () => {
    return (await fleet.journals.begun()).isSupersetOf(new Set(running));
  });
}
