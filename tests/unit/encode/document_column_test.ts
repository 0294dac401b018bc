import assert from "node:assert/strict";
import { ByteSink } from "../../../src/bson/byte_sink.ts";
import { MalformedBsonError } from "../../../src/bson/malformed_bson_error.ts";
import {
  DOCUMENT_COLUMNS,
  isNullDocument,
  writeDocumentColumn,
} from "../../../src/encode/document_column.ts";
import { badEvents } from "../../contract/encoder_contract.ts";
import { sampleEvent } from "../../contract/encoder_events.ts";
import { spansOf, text } from "./encode_rows.ts";

Deno.test("writeDocumentColumn writes each column from its own field", () => {
  const { bson } = sampleEvent(0, {
    documentKey: { a: 1 },
    fullDocument: { b: 2 },
    fullDocumentBeforeChange: { c: 3 },
    updateDescription: { d: 4 },
  });
  const texts = DOCUMENT_COLUMNS.map((column) => {
    const out = new ByteSink(0);
    writeDocumentColumn(bson, spansOf(bson), column, out, "relaxed");
    return text(out.take());
  });
  assert.deepEqual(texts, ['{"a":1}', '{"b":2}', '{"c":3}', '{"d":4}']);
});

Deno.test("writeDocumentColumn follows the JSON mode", () => {
  const { bson } = sampleEvent(0, { documentKey: { a: 1 } });
  const out = new ByteSink(0);
  writeDocumentColumn(bson, spansOf(bson), "documentKey", out, "canonical");
  assert.equal(text(out.take()), '{"a":{"$numberInt":"1"}}');
});

Deno.test("writeDocumentColumn writes what a user's stage made of a document", () => {
  const values: [unknown, string][] = [["text", '"text"'], [[1, 2], "[1,2]"], [true, "true"]];
  for (const [fullDocument, expected] of values) {
    const { bson } = sampleEvent(0, { fullDocument: fullDocument as object });
    const out = new ByteSink(0);
    writeDocumentColumn(bson, spansOf(bson), "fullDocument", out, "relaxed");
    assert.equal(text(out.take()), expected);
  }
});

Deno.test("writeDocumentColumn throws MalformedBsonError for what is not BSON", () => {
  const bad = badEvents()["unknown type in the update description"]!;
  assert.throws(
    () => writeDocumentColumn(bad, spansOf(bad), "updateDescription", new ByteSink(0), "relaxed"),
    MalformedBsonError,
  );
});

Deno.test("isNullDocument is true for an absent field and for null", () => {
  const { bson } = sampleEvent(0, { fullDocument: null, documentKey: undefined });
  const spans = spansOf(bson);
  assert.deepEqual(DOCUMENT_COLUMNS.map((column) => isNullDocument(spans, column)), [
    true,
    true,
    true,
    true,
  ]);
  assert.equal(isNullDocument(spansOf(sampleEvent(0).bson), "documentKey"), false);
});
