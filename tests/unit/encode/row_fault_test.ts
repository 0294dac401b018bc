import assert from "node:assert/strict";
import { EventSpans } from "../../../src/bson/event/event_spans.ts";
import { rowFault } from "../../../src/encode/row_fault.ts";
import { sampleEvents } from "../../contract/encoder_events.ts";
import { spansOf } from "./encode_rows.ts";

Deno.test("rowFault finds nothing wrong with the events of a server", () => {
  for (const { bson } of sampleEvents()) assert.equal(rowFault(spansOf(bson)), undefined);
});

Deno.test("rowFault names what a column that is never null lacks", () => {
  const faults: [Partial<EventSpans>, RegExp][] = [
    [{ operationStart: -1 }, /without operationType$/],
    [{ databaseStart: -1 }, /without ns\.db$/],
    [{ tokenStart: -1 }, /without _id\._data$/],
    [{ clusterSeconds: -1 }, /without clusterTime$/],
    [{ clusterIncrement: 0x80000000 }, /cluster_increment 2147483648/],
    [{ wallTimeMs: -8.64e15 - 1 }, /wall_time -8640000000000001/],
  ];
  const whole = spansOf(sampleEvents()[0]!.bson);
  for (const [change, message] of faults) {
    assert.match(rowFault(Object.assign(new EventSpans(), whole, change)) ?? "", message);
  }
});
