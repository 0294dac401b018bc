import assert from "node:assert/strict";
import { createFolderLake } from "../support/fleet_lake.ts";
import { Fleet } from "../support/fleet.ts";
import { assertRight } from "../support/fleet_judge.ts";
import { startFleetWriter } from "../support/fleet_writer.ts";
import {
  BEFORE_VERSION_2,
  BEFORE_VERSION_3,
  extractOlderVersion,
} from "../support/older_version.ts";
import { redisUrl, uniqueName } from "../support/services.ts";

const COLLECTIONS = ["c1", "c2", "c3", "c4"];

/** Versions before this one, and the highest version of records that they know. */
const OLDER = { [BEFORE_VERSION_2]: 1, [BEFORE_VERSION_3]: 2 };

for (const [commit, version] of Object.entries(OLDER)) {
  const which = `one that knows records of version ${version}`;

  Deno.test(`a fleet of ${which} is upgraded copy by copy and taken back under load, and each event lands once`, async () => {
    await using scene = await openScene(commit);
    const { fleet, older, lake } = scene;
    await fleet.open(2, older);
    await using writer = startFleetWriter(fleet.database, COLLECTIONS);
    for (const executable of [undefined, undefined, older, older]) {
      const [first] = fleet.instances;
      fleet.start({}, executable);
      await fleet.stop(first!);
      await fleet.settled();
    }
    await fleet.finish(writer);
    await assertRight(lake, writer);
    assert.deepEqual(await versions(scene), new Set([version]));
  });

  Deno.test(`${which} stops at the records of a newer fleet, says why, and the others lose nothing`, async () => {
    await using scene = await openScene(commit);
    const { fleet, older, lake } = scene;
    await fleet.open(1);
    await using writer = startFleetWriter(fleet.database, COLLECTIONS);
    const old = fleet.start({}, older);
    await old.program.line(/a newer tributary wrote it/);
    await fleet.kill(old);
    await fleet.settled();
    await fleet.finish(writer);
    await assertRight(lake, writer);
    assert.deepEqual(await versions(scene), new Set([3]));
  });
}

async function openScene(commit: string) {
  const folder = await Deno.makeTempDir({ prefix: "tributary-older-" });
  const older = await extractOlderVersion(folder, commit);
  const lake = await createFolderLake();
  const database = uniqueName("rolling");
  const fleet = new Fleet({ lake, database, collections: COLLECTIONS, redisUrl: redisUrl() });
  return {
    ...{ older, lake, fleet },
    async [Symbol.asyncDispose](): Promise<void> {
      await fleet[Symbol.asyncDispose]();
      await lake[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** The versions of all records in a lake. */
async function versions({ lake }: Awaited<ReturnType<typeof openScene>>): Promise<Set<number>> {
  const found = new Set<number>();
  const streams = `${await lake.folder()}/_tributary/streams`;
  for await (const stream of Deno.readDir(streams)) {
    for await (const file of Deno.readDir(`${streams}/${stream.name}`)) {
      if (!file.isFile) continue;
      const text = await Deno.readTextFile(`${streams}/${stream.name}/${file.name}`);
      found.add(JSON.parse(text).v);
    }
  }
  return found;
}
