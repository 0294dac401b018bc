import assert from "node:assert/strict";
import { COLUMNS } from "../../../src/model/columns.ts";

Deno.test("COLUMNS are those that the readers of every lake rely on", () => {
  assert.deepEqual(
    COLUMNS.map(({ name, type, nullable }) => `${name} ${type}${nullable ? "?" : ""}`),
    [
      "operation string",
      "database string",
      "collection string?",
      "cluster_time timestamp",
      "cluster_increment int32",
      "wall_time timestamp?",
      "document_key json?",
      "full_document json?",
      "full_document_before_change json?",
      "update_description json?",
      "resume_token string",
    ],
  );
});
