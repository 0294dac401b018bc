/**
 * The bytes of each format in each version: `tests/golden/encode/`. A lake holds objects of every version and a range read
 * again must give the same ones, so where these change in meaning `ENCODER_VERSION` grows. Set `UPDATE_GOLDEN=1` to write
 * those of the newest anew.
 */
import assert from "node:assert/strict";
import { ENCODER_VERSION } from "../../../src/model/columns.ts";
import { encodeEvents } from "../../../src/encode/encode_events.ts";
import { FORMATS } from "../../../src/model/format.ts";
import { Scratch } from "../../../src/encode/scratch.ts";
import type { Format } from "../../../src/model/format.ts";
import { chunkOf, FIRST_SAMPLES, sampleEvents } from "../../contract/encoder_events.ts";

const FOLDER = new URL("../../golden/encode/", import.meta.url);

for (const format of Object.keys(FORMATS) as Format[]) {
  for (let version = 1; version <= ENCODER_VERSION; version++) {
    Deno.test(`the bytes of golden/encode/v${version}/events.${format} have not changed`, async () => {
      // All but the large event at the end.
      const events = sampleEvents().slice(0, version === 1 ? FIRST_SAMPLES : -1);
      const { bytes } = await encodeEvents({
        encoding: { format, compression: "none", jsonMode: "relaxed", encoderVersion: version },
        chunks: [chunkOf(events.map(({ bson }) => bson))],
      }, new Scratch());
      const path = new URL(`v${version}/events.${format}`, FOLDER);
      const isNewest = version === ENCODER_VERSION;
      if (isNewest && Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeFile(path, bytes);
      assert.deepEqual(bytes, await Deno.readFile(path));
    });
  }
}
