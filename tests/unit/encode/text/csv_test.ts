import assert from "node:assert/strict";
import { openCsv } from "../../../../src/encode/text/csv.ts";
import { sampleEvent } from "../../../contract/encoder_events.ts";
import { encodeRows, text } from "../encode_rows.ts";

const ENCODING = { format: "csv", compression: "none", jsonMode: "relaxed" } as const;
const HEADER = "operation,database,collection,cluster_time,cluster_increment,wall_time," +
  "document_key,full_document,full_document_before_change,update_description,resume_token";

Deno.test("openCsv writes a header and CRLF, also without rows", async () => {
  assert.equal(text(await encodeRows(openCsv, ENCODING, [])), `${HEADER}\r\n`);
});

Deno.test("openCsv leaves null empty, quotes an empty string and doubles quotes", async () => {
  const samples = [
    sampleEvent(1, {
      database: 'a,"b"\r\n',
      collection: "",
      wallTimeMs: undefined,
      documentKey: { k: 'say "hi"' },
      fullDocument: null,
    }),
    sampleEvent(2, { collection: undefined, documentKey: undefined, fullDocument: {} }),
  ];
  const lines = text(await encodeRows(openCsv, ENCODING, samples)).slice(HEADER.length + 2);
  const token = (i: number) => samples[i]!.row.resume_token;
  assert.equal(
    lines,
    'insert,"a,""b""\r\n","",2025-11-21T01:53:20.000Z,2,,' +
      `"{""k"":""say \\""hi\\""""}",,,,${token(0)}\r\n` +
      "insert,shop,,2025-11-21T01:53:20.000Z,3,2025-11-21T01:53:20.027Z,," +
      `"{}",,,${token(1)}\r\n`,
  );
});
