import assert from "node:assert/strict";
import { countJsonl, decodeJsonl } from "../../../../src/encode/text/decode_jsonl.ts";
import { valueFault } from "../../../../src/encode/row_check.ts";

const ROW =
  '{"operation":"insert","database":"shop","collection":"orders","cluster_time":"2026-11-20T17:00:00.000Z",' +
  '"cluster_increment":1,"wall_time":null,"document_key":{"_id":1},"full_document":7,' +
  '"full_document_before_change":null,"update_description":null,"resume_token":"82"}';

Deno.test("decodeJsonl reads rows, also with columns that a later program has added", async () => {
  const later = ROW.replace("{", '{"later":[],');
  assert.equal(await decodeJsonl(text(`${ROW}\n${later}\n`), valueFault), 2);
  assert.equal(await countJsonl(text(`${ROW}\n${later}\n`)), 2);
});

Deno.test("decodeJsonl finds what no row can be", async () => {
  const cases: [string, RegExp][] = [
    [ROW, /it ends in the middle of row 1/],
    [`${ROW}\n\n`, /row 2: it is not JSON/],
    [`${ROW}\n[]\n`, /row 2: it is no object/],
    [`${ROW.replace('"operation":"insert",', "")}\n`, /row 1: column operation is missing/],
    [`${ROW.replace('"82"', '""')}\n`, /row 1: column resume_token is empty/],
    [`${ROW.replace("insert", "\ufffd").replace("orders", "\0")}\n`, /it is not JSON/],
  ];
  for (const [bad, fault] of cases) await assert.rejects(decodeJsonl(text(bad), valueFault), fault);
});

async function* text(content: string): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(new TextEncoder().encode(content));
}
