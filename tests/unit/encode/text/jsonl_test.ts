import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { openJsonl } from "../../../../src/encode/text/jsonl.ts";
import { sampleEvent, sampleEvents } from "../../../contract/encoder_events.ts";
import { encodeRows, text } from "../encode_rows.ts";

const ENCODING = { format: "jsonl", compression: "none", jsonMode: "relaxed" } as const;

Deno.test("openJsonl writes one line a row with the columns in their order", async () => {
  const samples = [
    sampleEvent(1, { fullDocument: { q: 'a "quote"\n' } }),
    sampleEvent(2, {
      collection: undefined,
      wallTimeMs: undefined,
      documentKey: undefined,
      fullDocument: null,
    }),
  ];
  const lines = text(await encodeRows(openJsonl, ENCODING, samples)).split("\n");
  assert.deepEqual(lines, [
    '{"operation":"insert","database":"shop","collection":"orders",' +
    '"cluster_time":"2025-11-21T01:53:20.000Z","cluster_increment":2,' +
    '"wall_time":"2025-11-21T01:53:20.017Z",' +
    '"document_key":{"_id":{"$oid":"000000000000000000000001"}},' +
    '"full_document":{"q":"a \\"quote\\"\\n"},"full_document_before_change":null,' +
    `"update_description":null,"resume_token":"${samples[0]!.row.resume_token}"}`,
    '{"operation":"insert","database":"shop","collection":null,' +
    '"cluster_time":"2025-11-21T01:53:20.000Z","cluster_increment":3,"wall_time":null,' +
    '"document_key":null,"full_document":null,"full_document_before_change":null,' +
    `"update_description":null,"resume_token":"${samples[1]!.row.resume_token}"}`,
    "",
  ]);
});

Deno.test("openJsonl nests documents that JSON.parse reads back", async () => {
  const samples = sampleEvents();
  const encoding = { ...ENCODING, jsonMode: "canonical" } as const;
  const lines = text(await encodeRows(openJsonl, encoding, samples)).trimEnd().split("\n");
  lines.forEach((line, i) => {
    const row = JSON.parse(line);
    assert.deepEqual(row.full_document, samples[i]!.row.full_document);
    assert.equal(row.collection, samples[i]!.row.collection);
    assert.equal(Date.parse(row.cluster_time), samples[i]!.row.cluster_time);
  });
});

Deno.test("openJsonl compresses the whole file", async () => {
  const plain = await encodeRows(openJsonl, ENCODING, sampleEvents());
  const gzip = await encodeRows(openJsonl, { ...ENCODING, compression: "gzip" }, sampleEvents());
  assert.equal(text(gunzipSync(gzip)), text(plain));
});
