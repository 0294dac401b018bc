import assert from "node:assert/strict";
import { openLeasedFleet } from "../../../src/app/leased_fleet.ts";
import { Resources } from "../../../src/app/adapters.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { type Log, silentLog } from "../../../src/support/log.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { configOf } from "../../support/load_config.ts";
import { StandInS3 } from "../../support/stand_in_s3.ts";

const SELF = { owner: "host-1-a", instance: "host-1", version: "1.0.0" };

async function open(env: Readonly<Record<string, string>>, log: Log = silentLog) {
  const tools = { clock: systemClock, random: systemRandom, log, hostName: "host-1" };
  const config = configOf(env);
  const resources = new Resources(config, tools, new AbortController().signal);
  const fleet = await openLeasedFleet(config, tools, resources, SELF).finally(() =>
    resources.release()
  );
  return fleet;
}

/** A store that takes every write, whatever its condition. */
function careless(): StandInS3 {
  let text = "";
  return new StandInS3(({ method, body }) => {
    if (method === "PUT") text = new TextDecoder().decode(body);
    return new Response(method === "PUT" ? null : text, { headers: { etag: '"e"' } });
  });
}

const KEYS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

async function withKeys(use: () => Promise<void>): Promise<void> {
  const before = KEYS.map((name) => Deno.env.get(name));
  for (const name of KEYS) Deno.env.set(name, "test");
  try {
    await use();
  } finally {
    KEYS.forEach((name, i) => {
      if (before[i] === undefined) Deno.env.delete(name);
      else Deno.env.set(name, before[i]!);
    });
  }
}

Deno.test("a store that ignores If-Match is refused with what to choose instead, or left alone", async () => {
  await using server = careless();
  await withKeys(async () => {
    const env = {
      DESTINATION: "s3://lake/shop",
      S3_ENDPOINT: server.url,
      S3_FORCE_PATH_STYLE: "true",
    };
    await assert.rejects(
      open({ ...env, LEASES: "destination" }),
      /s3:\/\/lake\/shop: .*ignores If-Match.*; set REDIS_URL .*, or LEASES=memory for one copy alone$/,
    );
    const said: string[] = [];
    const log = { ...silentLog, warn: (message: string) => void said.push(message) };
    assert.equal((await open(env, log)).isShared, false);
    assert.deepEqual(said, ["This copy shares its streams with no other one"]);
    assert.equal((await open({ ...env, LEASES: "memory" })).isShared, false);
  });
});

Deno.test("an instance waits for those of an older version that have leases in files", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const state = `${folder}/state`;
    const env = { DESTINATION: `file://${folder}/lake`, STATE_STORE: `file://${state}` };
    const fleet = await open({ ...env, PIPELINE_NAME: "p" });
    assert.equal(await fleet.elsewhere!(), undefined);
    const members = `${state}/p/fleet/members`;
    await Deno.mkdir(members, { recursive: true });
    const since = "2026-11-21T00:00:00.000Z";
    const old = { owner: "o", instance: "old", version: "0.1.0", since, streams: [], failed: 0 };
    const endMs = systemClock.wallMs() + 600_000;
    const text = JSON.stringify({ endMs, ...old, isLeaving: false });
    await Deno.writeTextFile(`${members}/old.json`, text);
    const other = await open({ ...env, PIPELINE_NAME: "p" });
    assert.match((await other.elsewhere!())!, /^Waiting for instance old of version 0\.1\.0/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
