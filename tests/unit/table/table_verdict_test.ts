import assert from "node:assert/strict";
import { addOf, heldFileOf } from "../../../src/table/delta/actions.ts";
import { markIn, txnsOf } from "../../../src/table/delta/txns.ts";
import { appIdOf } from "../../../src/table/stream_marks.ts";
import { NO_HOLES, type TableFile } from "../../../src/table/table_log.ts";
import { judgeTable, rememberIn, type ToldFiles } from "../../../src/table/table_verdict.ts";
import { fileNumber } from "../../support/table_world.ts";

async function told(steps: readonly { files?: TableFile[]; gone?: string[] }[]) {
  const files: ToldFiles = new Map();
  const made = steps.map(({ files = [], gone = [] }, seq) => ({
    ...{ seq, recordId: `r${seq}`, files, gone, holes: NO_HOLES },
  }));
  await rememberIn(files).commit([{ streamKey: "s", lake: "l", steps: made }]);
  return files;
}

function txnsAt(seq: number) {
  const txns = txnsOf(appIdOf("s", "l"), { seq, record: 1 });
  const byId = new Map(txns.map(({ appId, version }) => [appId, version]));
  return (appId: string) => markIn(byId, appId);
}

Deno.test("what lies behind the place of a table is no fault, and what lies before it is", async () => {
  const [a, b, c] = [fileNumber(1), fileNumber(2), fileNumber(3)];
  const journals = await told([{ files: [a] }, { files: [b] }, { files: [c] }]);
  const judge = (seq: number) => judgeTable([a], txnsAt(seq), journals);
  assert.deepEqual(judge(0), { faults: [], waiting: 2 });
  assert.deepEqual(judge(1), { faults: [`1 objects are not in it, as ${b.path}`], waiting: 1 });
  assert.equal(judgeTable([], () => undefined, journals).waiting, 3);
});

Deno.test("an object that is in a table twice, by itself or in what was joined, is a fault", async () => {
  const file = fileNumber(1);
  const { faults } = judgeTable([file, file], txnsAt(0), await told([{ files: [file] }]));
  assert.deepEqual(faults, [`${file.path}: its rows are there twice`]);
});

Deno.test("an object that is void must go when the table has come that far", async () => {
  const file = fileNumber(1);
  const journals = await told([{ files: [file] }, { gone: [file.path] }]);
  const judge = (seq: number) => judgeTable([file], txnsAt(seq), journals).faults;
  assert.deepEqual(judge(0), []);
  assert.deepEqual(judge(1), [`${file.path}: it can never be made, and is not taken out`]);
});

Deno.test("strangers, other sizes and other rows are faults, as are statistics that cannot be read", async () => {
  const file = fileNumber(1);
  const journals = await told([{ files: [file] }]);
  const judge = (add: object) =>
    judgeTable([heldFileOf({ ...addOf(file), ...add })], txnsAt(0), journals).faults;
  assert.match(judge({ path: "x" })[0]!, /x: no journal names it/);
  assert.match(judge({ size: 1 })[0]!, /it has 11 bytes, and the table says 1$/);
  assert.match(judge({ stats: "{" })[0]!, /it has 1 rows, and the table says 0$/);
});
