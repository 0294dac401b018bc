import assert from "node:assert/strict";
import { compareJoined } from "../../../../src/app/tables/compare_joined.ts";
import {
  listCompactions,
  readCompaction,
} from "../../../../src/table/compaction/compaction_record.ts";
import { concatBytes } from "../../../../src/support/bytes/concat_bytes.ts";
import { crc32Hex } from "../../../../src/support/bytes/crc32.ts";
import { FOLDER } from "../../../support/table_world.ts";
import { joinedWorld } from "../../table/retention/joined_world.ts";

Deno.test("compareJoined answers the checksum of what the inputs give, and finds each other byte", async () => {
  const { destination } = await joinedWorld();
  const [id] = await listCompactions(destination, FOLDER);
  const { inputs, output } = (await readCompaction(destination, FOLDER, id!))!;
  const joined = (await destination.get(`${FOLDER}/${output.path}`))!;
  const compare = (bytes: Uint8Array<ArrayBuffer>, bytesTold = output.bytes) =>
    compareJoined((key, range) =>
      key.endsWith(".pq")
        ? Promise.resolve(bytes.slice(range.start, range.end))
        : destination.get(key, range)
    )(FOLDER, inputs, { ...output, bytes: bytesTold });
  assert.equal(await compare(joined), crc32Hex(joined));
  for (const at of [0, 100, joined.length - 1]) {
    const damaged = joined.map((byte, i) => i === at ? byte ^ 1 : byte);
    await assert.rejects(compare(damaged), /is not what was joined to it/, `${at}`);
  }
  await assert.rejects(compare(joined.slice(1)), /is not what was joined/);
  await assert.rejects(compare(joined.slice(0, -1)), /is not what was joined/);
  await assert.rejects(compare(concatBytes([joined, joined])), /is not what was joined/);
  await assert.rejects(compare(joined, 1), /is not what was joined/);
});
