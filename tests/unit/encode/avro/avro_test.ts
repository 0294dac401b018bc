import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { openAvro } from "../../../../src/encode/avro/avro.ts";
import { AVRO_SCHEMA } from "../../../../src/encode/avro/avro_schema.ts";
import { sampleEvent, sampleEvents } from "../../../contract/encoder_events.ts";
import { readContainer } from "../../../support/read_container.ts";
import { encodeRows } from "../encode_rows.ts";

const ENCODING = { format: "avro", compression: "none", jsonMode: "relaxed" } as const;
const SYNC_BYTES = 16;

Deno.test("openAvro writes a container file that avsc reads", async () => {
  const samples = sampleEvents();
  for (const compression of ["none", "gzip"] as const) {
    const bytes = await encodeRows(openAvro, { ...ENCODING, compression }, samples);
    const rows = await readContainer(bytes);
    assert.equal(rows.length, samples.length);
    rows.forEach((row, i) => {
      assert.equal(row.operation, samples[i]!.row.operation);
      assert.equal(row.cluster_time, samples[i]!.row.cluster_time);
      assert.equal(row.wall_time, samples[i]!.row.wall_time);
      assert.equal(row.full_document === null, samples[i]!.row.full_document === null);
    });
  }
});

Deno.test("openAvro cuts blocks, each with the marker of the header at its end", async () => {
  const samples = Array.from({ length: 3000 }, (_, i) => sampleEvent(i));
  const bytes = Buffer.from(await encodeRows(openAvro, ENCODING, samples));
  const sync = bytes.subarray(bytes.length - SYNC_BYTES);
  const header = bytes.indexOf(AVRO_SCHEMA) + AVRO_SCHEMA.length;
  let markers = 0;
  for (let at = bytes.indexOf(sync); at >= 0; at = bytes.indexOf(sync, at + 1)) markers++;
  assert.ok(bytes.indexOf(sync) < header + 64);
  assert.ok(markers > 3, `${markers}`);
  assert.equal((await readContainer(bytes)).length, samples.length);
});

Deno.test("openAvro names the codec as the specification does", async () => {
  const names = { none: "null", gzip: "deflate", zstd: "zstandard", snappy: "snappy" } as const;
  for (const [compression, name] of Object.entries(names)) {
    const encoding = { ...ENCODING, compression: compression as keyof typeof names };
    const head = Buffer.from(await encodeRows(openAvro, encoding, [])).toString("latin1");
    assert.ok(head.startsWith("Obj\x01"));
    assert.ok(head.includes(`avro.codec${String.fromCharCode(2 * name.length)}${name}`), name);
  }
});
