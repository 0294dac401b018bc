/** More of it stands in `tests/protocol/redrive_test.ts`. */
import assert from "node:assert/strict";
import { withoutFields } from "../../../src/bson/redact/redact_event.ts";
import { createInlineEncoder } from "../../../src/encode/inline_encoder.ts";
import { findLetters } from "../../../src/journal/letters/find_letters.ts";
import { createObjectRedrives } from "../../../src/journal/letters/object_redrives.ts";
import { readLetters } from "../../../src/journal/letters/read_letters.ts";
import type { LetterFile } from "../../../src/model/redrive.ts";
import { redriveLetters, type RedriveParts } from "../../../src/operate/redrive.ts";
import { createObjectSink } from "../../../src/sink/object_sink.ts";
import type { LakeWorld } from "../../support/lake_world.ts";
import { lakeWithLetters } from "../../support/letter_lake.ts";

function partsOf(
  world: LakeWorld,
): RedriveParts & { readonly destination: LakeWorld["destination"] } {
  return {
    destination: world.destination,
    sink: createObjectSink(world.destination),
    journal: world.journal,
    redrives: createObjectRedrives(world.destination),
    encoder: createInlineEncoder(world.clock),
    encoderVersion: 2,
    redact: [],
    removeFields: (event, paths) => withoutFields(event, paths),
    by: "operator",
    now: () => "2026-11-20T18:00:00.000Z",
  };
}

async function redrive(parts: ReturnType<typeof partsOf>, file: LetterFile) {
  return await redriveLetters(parts, file, await readLetters(parts.destination, file));
}

async function firstFile(world: LakeWorld): Promise<LetterFile> {
  const [file] = await Array.fromAsync(
    findLetters({ lake: world.destination, destination: world.destination }, {}),
  );
  return file!;
}

Deno.test("redriveLetters notes what it makes, and with what", async () => {
  const world = await lakeWithLetters(4);
  const file = await firstFile(world);
  await redrive({ ...partsOf(world), redact: ["iban"] }, file);
  const [noted] = await createObjectRedrives(world.destination).read(file.streamKey, 1);
  assert.deepEqual(
    [noted!.recordId, noted!.by, noted!.encoderVersion, noted!.redact],
    [file.record.id, "operator", 2, ["iban"]],
  );
  const [object] = noted!.objects;
  assert.equal((await world.destination.head(object!.key))?.bytes, object!.bytes);
});

Deno.test("redriveLetters refuses a redrive of another journal's record, or one that a newer version has begun", async () => {
  const world = await lakeWithLetters(4);
  const parts = partsOf(world);
  const file = await firstFile(world);
  await redrive(parts, file);
  const redrives = await parts.redrives.read(file.streamKey, 1);
  const other = { ...file, redrives: redrives.map((each) => ({ ...each, recordId: "another" })) };
  await assert.rejects(redrive(parts, other), /the journal is another one than then/);
  await world.lose((key) => key.includes(".redriven."));
  const newer = { ...file, redrives: redrives.map((each) => ({ ...each, encoderVersion: 3 })) };
  await assert.rejects(redrive(partsOf(world), newer), /a newer tributary has begun it/);
});

Deno.test("redriveLetters needs the record that has the settings", async () => {
  const world = await lakeWithLetters(4);
  const file = await firstFile(world);
  const journal = {
    read: () => Promise.resolve(undefined),
    last: () => Promise.resolve(undefined),
  };
  await assert.rejects(
    redrive({ ...partsOf(world), journal }, file),
    /its settings are gone/,
  );
});
