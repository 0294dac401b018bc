import assert from "node:assert/strict";
import { containedFileOf, dataFileOf, pathIn } from "../../../../src/table/iceberg/data_file.ts";
import { fileNumber, FOLDER } from "../../../support/table_world.ts";

const STORE = { url: "s3://lake/x" };

Deno.test("what a manifest says of a file is what it was told, also of one without times", () => {
  const { writtenAtMs: _, ...held } = fileNumber(7);
  assert.deepEqual(containedFileOf(STORE, FOLDER, dataFileOf(STORE, FOLDER, fileNumber(7))), held);
  const { bounds: __, ...timeless } = fileNumber(7);
  const { bounds: ___, ...said } = held;
  assert.deepEqual(containedFileOf(STORE, FOLDER, dataFileOf(STORE, FOLDER, timeless)), said);
});

Deno.test("a file is known by its path, whichever engine names it", () => {
  for (const begin of ["s3://", "s3a://"]) {
    const file_path = `${begin}lake/x/${FOLDER}/a.parquet`;
    assert.equal(pathIn(STORE, FOLDER, { file_path }), "a.parquet");
  }
  const file_path = "s3://other/a.parquet";
  assert.equal(pathIn(STORE, FOLDER, { file_path }), file_path);
});
