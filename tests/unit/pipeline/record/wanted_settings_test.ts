import assert from "node:assert/strict";
import {
  isReadOtherwise,
  wantedSettings,
} from "../../../../src/pipeline/record/wanted_settings.ts";
import { PLAIN_SETTINGS } from "../../../contract/source_contract.ts";

Deno.test("wantedSettings says how a stream is read of whole collections alone, and from version 3 on", () => {
  const settings = { ...PLAIN_SETTINGS, reading: "namespace" as const };
  const whole = { level: "collection", database: "a", collection: "b" } as const;
  const partition = { epoch: 1, index: 1, of: 1 };
  assert.deepEqual(wantedSettings(settings, whole, 3), settings);
  assert.deepEqual(wantedSettings(PLAIN_SETTINGS, whole, 3), PLAIN_SETTINGS);
  for (const v of [1, 2] as const) {
    assert.deepEqual(wantedSettings(settings, whole, v), PLAIN_SETTINGS);
  }
  const others = [
    { ...whole, partition },
    { level: "database", database: "a" },
    { level: "deployment" },
  ] as const;
  for (const stream of others) {
    assert.deepEqual(wantedSettings(settings, stream, 3), PLAIN_SETTINGS);
  }
});

Deno.test("isReadOtherwise waits for a version in which records can say it", () => {
  const settings = { ...PLAIN_SETTINGS, reading: "namespace" as const };
  const whole = { level: "collection", database: "a", collection: "b" } as const;
  assert.equal(isReadOtherwise(settings, PLAIN_SETTINGS, whole, 2), false);
  assert.equal(isReadOtherwise(settings, PLAIN_SETTINGS, whole, 3), true);
  assert.equal(isReadOtherwise(settings, settings, whole, 3), false);
  assert.equal(isReadOtherwise(settings, PLAIN_SETTINGS, { level: "deployment" }, 3), false);
});
