import assert from "node:assert/strict";
import { COLUMNS } from "../../../src/model/columns.ts";
import { countCsv, decodeCsv } from "../../../src/encode/decode_csv.ts";
import { valueFault } from "../../../src/encode/row_check.ts";

const HEADER = COLUMNS.map(({ name }) => name).join(",");
const ROW = 'insert,shop,"or""d,ers",2026-11-20T17:00:00.000Z,1,,"{""a"":\r\n1}",,,,82AB';

Deno.test("decodeCsv reads records, also with columns that a later program has added", async () => {
  const decode = (parts: AsyncIterable<Uint8Array>) => decodeCsv(parts, valueFault);
  for (const read of [countCsv, decode]) {
    assert.equal(await read(text(`${HEADER}\r\n${ROW}\r\n${ROW}\r\n`)), 2);
    assert.equal(await read(text(`later,${HEADER}\r\nx,${ROW}\r\n`)), 1);
    assert.equal(await read(text(`${HEADER}\r\n`)), 0);
  }
});

Deno.test("decodeCsv finds what no record can be", async () => {
  const cases: [string, RegExp][] = [
    ["", /it has no header/],
    [`${HEADER.replace("database,", "")}\r\n`, /its header has no column database/],
    [`${HEADER}\r\n${ROW}`, /it ends in the middle of record 1/],
    [`${HEADER}\r\n${ROW},\r\n`, /record 1: it has 12 fields, the header 11/],
    [`${HEADER}\r\n${ROW}\n`, /record 1 has a quote or a line end out of place/],
    [`${HEADER}\r\n${ROW.replace('ers"', 'ers"x')}\r\n`, /record 1 has a quote/],
    [`${HEADER}\r\n${ROW.replace("82AB", "")}\r\n`, /record 1: column resume_token is null/],
    [
      `${HEADER}\r\n${ROW.replace(",1,", ",one,")}\r\n`,
      /record 1: column cluster_increment is one/,
    ],
    [
      `${HEADER}\r\n${ROW.replace("shop", "sh\0p")}\r\n`,
      /record 1: column database has a zero byte/,
    ],
  ];
  for (const [bad, fault] of cases) {
    await assert.rejects(decodeCsv(text(bad), valueFault), fault, bad);
  }
});

async function* text(content: string): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(new TextEncoder().encode(content));
}
