import assert from "node:assert/strict";
import { readStatus } from "../../../../src/cli/instance/instance_status.ts";
import { newMonitor, ORDERS, readingEvents } from "../../../support/monitor.ts";

const LIMITS = { lagSeconds: 300, lakeLagSeconds: 330 };

async function status(): Promise<Record<string, unknown>> {
  const readers = [{ form: "collection", members: [ORDERS.name], alone: "failed" }];
  const { monitor, clock } = newMonitor({ reading: () => ({ readers, waiting: [] }) });
  await using _ = monitor;
  await clock.settle();
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  return JSON.parse(JSON.stringify(monitor.status()));
}

Deno.test("readStatus takes over what an instance says of itself", async () => {
  const told = await status();
  const { pipeline, view } = readStatus(JSON.stringify(told), LIMITS)!;
  assert.equal(pipeline, "lake/shop");
  assert.equal(view.at, told.at);
  assert.deepEqual(view.causes, told.causes);
  const [instance] = view.instances;
  assert.deepEqual([instance?.name, instance?.state, instance?.streams], ["host-1", "running", 1]);
  assert.equal(instance?.changeStreams, 1);
  const [stream] = view.streams;
  assert.deepEqual(stream?.reader, { watched: "collection", streams: 1, alone: "failed" });
  assert.deepEqual(
    [stream?.name, stream?.condition, stream?.instance, stream?.owner, stream?.lakeLagSeconds],
    [ORDERS.name, "running", "host-1", "host-1-5f0e", 10],
  );
});

Deno.test("readStatus finds the causes itself where an older version tells none", async () => {
  const { causes: _, instances, streams, ...rest } = await status();
  const old = {
    ...rest,
    dependencies: [{ name: "mongodb", state: "unhealthy", since: rest.at, reason: "no route" }],
    instances: (instances as object[]).map((each) => ({ ...each, state: undefined })),
    streams: (streams as object[]).map((each) => ({
      ...each,
      condition: "waiting",
      lakeLagSeconds: undefined,
      reader: { shared: true },
      error: { message: "gone", at: rest.at },
    })),
  };
  const { view } = readStatus(JSON.stringify(old), LIMITS)!;
  assert.match(view.causes[0]!.text, /^MongoDB does not answer: no route\.$/);
  assert.equal(view.instances[0]!.state, "running");
  assert.equal(view.streams[0]!.lakeLagSeconds, null);
  assert.equal(view.streams[0]!.reader, undefined);
  assert.equal(view.streams[0]!.error?.since, rest.at);
});

Deno.test("readStatus takes nothing else for a status", () => {
  for (
    const text of ["", "<html>", "null", "[]", "{}", '{"at":"x","instances":[1],"streams":[]}']
  ) {
    assert.equal(readStatus(text, LIMITS), undefined, text);
  }
});
