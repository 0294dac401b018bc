import assert from "node:assert/strict";
import { PermanentError } from "../../../../src/model/errors.ts";
import type { StreamSettings } from "../../../../src/model/settings.ts";
import { type Stream, streamName } from "../../../../src/model/stream.ts";
import type { EventCursor } from "../../../../src/pipeline/ports.ts";
import { tryStreams } from "../../../../src/source/mongo/planned_readers.ts";
import type { GroupRequest, GroupSource } from "../../../../src/source/shared/group_source.ts";
import { PLAIN_SETTINGS } from "../../../contract/source_contract.ts";

const BY_NAME: StreamSettings = { ...PLAIN_SETTINGS, reading: "namespace" };

function streamsOf(...names: string[]): Stream[] {
  return names.map((name) => {
    const [database = "", collection = ""] = name.split(".");
    return { level: "collection", database, collection };
  });
}

interface Scene {
  readonly denied?: readonly string[];
  readonly views?: readonly string[];
  readonly broken?: (request: GroupRequest) => boolean;
}

/** What is found on a server where the user may not read some databases (`*`: all of them at once). */
async function tried(
  streams: readonly Stream[],
  { denied = [], views = [], broken = () => false }: Scene = {},
  more: { readonly settings?: StreamSettings; readonly partitions?: number } = {},
) {
  const opened: string[] = [];
  let open = 0;
  const cursor = (): EventCursor => {
    open++;
    return {
      next: () => Promise.resolve({} as never),
      close: () => Promise.resolve(void open--),
    };
  };
  const source: GroupSource = {
    describe: () => Promise.resolve({ identity: {}, operationTime: { t: 1, i: 1 }, version: "" }),
    idle: { awaitMs: 1, awaitMsMax: () => 1 },
    open: ({ stream }) => {
      opened.push(streamName(stream));
      return Promise.resolve(cursor());
    },
    admit: (requests) =>
      Promise.resolve(
        requests.map(({ stream }) =>
          views.includes(streamName(stream)) ? new PermanentError("a view") : undefined
        ),
      ),
    openGroup: (request) => {
      opened.push(request.database ?? "*");
      if (broken(request)) return Promise.reject(new PermanentError("cannot"));
      return Promise.resolve(denied.includes(request.database ?? "*") ? undefined : cursor());
    },
  };
  const signal = new AbortController().signal;
  const found = await tryStreams(source, { streams, settings: BY_NAME, ...more }, signal);
  assert.equal(open, 0);
  const readers = found.readers.map(({ form, streams, alone }) =>
    [form, streams.length, ...(alone === undefined ? [] : [alone])].join(" ")
  );
  return { readers, opened, faults: [...found.faults] };
}

Deno.test("tryStreams opens one change stream for collections of one database, and asks nothing more", async () => {
  const { readers, opened } = await tried(streamsOf("shop.a", "shop.b", "shop.c"));
  assert.deepEqual([readers, opened], [["database 3"], ["shop"]]);
});

Deno.test("tryStreams takes what the user's rights allow, from the deployment to each collection", async () => {
  const streams = streamsOf("shop.a", "shop.b", "other.c", "other.d", "third.e");
  assert.deepEqual((await tried(streams)).readers, ["deployment 5"]);
  assert.deepEqual((await tried(streams, { denied: ["*"] })).readers, [
    "database 2",
    "database 2",
    "collection 1",
  ]);
  const few = await tried(streams, { denied: ["*", "other"] });
  assert.deepEqual(few.readers, ["database 2", "collection 2 rights", "collection 1"]);
});

Deno.test("tryStreams leaves out what has no change stream, and says why", async () => {
  const views = ["collection:shop.b"];
  const { readers, faults } = await tried(streamsOf("shop.a", "shop.b", "shop.c"), { views });
  assert.deepEqual([readers, faults], [["database 2"], [["collection:shop.b", "a view"]]]);
});

Deno.test("tryStreams opens each where one for all fails otherwise", async () => {
  const { readers } = await tried(streamsOf("shop.a", "shop.b"), { broken: () => true });
  assert.deepEqual(readers, ["collection 2 failed"]);
});

Deno.test("tryStreams knows what never shares: other levels, READING=own, stages, partitions", async () => {
  const streams: Stream[] = [...streamsOf("shop.a", "shop.b"), { level: "deployment" }];
  const readersOf = async (more: Parameters<typeof tried>[2]) =>
    (await tried(streams, {}, more)).readers;
  assert.deepEqual(await readersOf({}), ["database 2", "deployment 1 level"]);
  assert.deepEqual(await readersOf({ settings: PLAIN_SETTINGS }), [
    "collection 2 own",
    "deployment 1 level",
  ]);
  assert.deepEqual(await readersOf({ partitions: 4 }), [
    "collection 2 partition",
    "deployment 1 level",
  ]);
  const stages = [{ $unset: "ns" }];
  assert.deepEqual(await readersOf({ settings: { ...BY_NAME, stages } }), [
    "collection 2 stages",
    "deployment 1 level",
  ]);
});
