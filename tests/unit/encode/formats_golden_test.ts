/**
 * The bytes of each format: `tests/golden/encode/`. A lake holds objects of every version and a range read again must give
 * the same ones, so where these change in meaning `ENCODER_VERSION` grows. Set `UPDATE_GOLDEN=1` to write them anew.
 */
import assert from "node:assert/strict";
import { FORMATS } from "../../../src/encode/formats.ts";
import type { Format } from "../../../src/model/settings.ts";
import { sampleEvents } from "../../contract/encoder_events.ts";
import { encodeRows } from "./encode_rows.ts";

const FOLDER = new URL("../../golden/encode/", import.meta.url);

for (const [format, { open }] of Object.entries(FORMATS)) {
  Deno.test(`the bytes of golden/encode/events.${format} have not changed`, async () => {
    const encoding = {
      format: format as Format,
      compression: "none",
      jsonMode: "relaxed",
    } as const;
    // All but the large event at the end.
    const actual = await encodeRows(open, encoding, sampleEvents().slice(0, -1));
    const path = new URL(`events.${format}`, FOLDER);
    if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeFile(path, actual);
    assert.deepEqual(actual, await Deno.readFile(path));
  });
}
