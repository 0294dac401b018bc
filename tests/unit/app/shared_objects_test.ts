import assert from "node:assert/strict";
import { openSharedObjects } from "../../../src/app/shared_objects.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { configOf } from "../../support/load_config.ts";
import { StandInS3 } from "../../support/stand_in_s3.ts";

const TOOLS = { clock: systemClock, random: systemRandom };

Deno.test("what instances share lies beside the journals, in a folder of the pipeline's own", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["DESTINATION", "JOURNAL"]) {
      const config = configOf({ [name]: `file://${folder}/${name}`, PIPELINE_NAME: "a/b" });
      const objects = openSharedObjects(config, TOOLS);
      await objects.create("division", "x");
      await objects.close();
      const [file] = [...Deno.readDirSync(`${folder}/${name}/_tributary/fleet/a%2Fb/division`)];
      assert.equal(file?.name, "0000000001");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("in a bucket it lies below the prefix", async () => {
  await using server = new StandInS3(() => new Response(null, { headers: { etag: '"e"' } }));
  for (const [prefix, path] of [["lake/shop", "/lake/shop"], ["lake", "/lake"]] as const) {
    const env = { DESTINATION: `s3://${prefix}`, S3_ENDPOINT: server.url, PIPELINE_NAME: "p" };
    const config = configOf({ ...env, S3_FORCE_PATH_STYLE: "true" });
    const s3 = { ...config.s3, credentials: { accessKeyId: "a", secretAccessKey: "b" } };
    const objects = openSharedObjects({ ...config, s3 }, TOOLS);
    await objects.create("division", "x");
    await objects.close();
    assert.equal(server.calls.at(-1)!.path, `${path}/_tributary/fleet/p/division`);
  }
});
