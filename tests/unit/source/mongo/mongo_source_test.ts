import assert from "node:assert/strict";
import { PermanentError } from "../../../../src/model/errors.ts";
import { createMongoSource } from "../../../../src/source/mongo/mongo_source.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { systemRandom } from "../../../../src/support/random.ts";

const OPTIONS = { clock: systemClock, random: systemRandom };

Deno.test("createMongoSource refuses a wrong URI and connects to nothing", async () => {
  assert.throws(() => createMongoSource({ ...OPTIONS, uri: "db:27017" }), PermanentError);
  await createMongoSource({ ...OPTIONS, uri: "mongodb://db.invalid/" }).close();
});

Deno.test("createMongoSource gives a source whose calls reject with the reason of the signal", async () => {
  const source = createMongoSource({ ...OPTIONS, uri: "mongodb://127.0.0.1:9/" });
  const aborted = AbortSignal.abort(new Error("enough"));
  await assert.rejects(source.describe(aborted), /enough/);
  await assert.rejects(source.oldestPosition(aborted), /enough/);
  await source.close();
});
