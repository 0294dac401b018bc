import { readObjectName } from "../../model/keys/object_name.ts";
import { namesObjects } from "../../model/record.ts";
import type { Journal } from "../../pipeline/ports.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import { durableThrough } from "../follow/table_steps.ts";
import type { HeldFile } from "../table_log.ts";

const READS_IN_FLIGHT_MAX = 16;

/**
 * Why objects cannot go, by their journals: a redo could make one of them again, or find it void, or no record names it. Undefined
 * where all of them are settled.
 */
export async function unsettledFault(
  journal: Pick<Journal, "read" | "last">,
  folder: string,
  inputs: readonly HeldFile[],
): Promise<string | undefined> {
  const byRecord = new Map<string, { streamKey: string; seq: number; files: HeldFile[] }>();
  const last = new Map<string, number>();
  for (const file of inputs) {
    const name = readObjectName(file.path);
    if (name === undefined) return `"${file.path}" is no object of a journal`;
    const { streamKey, seq } = name;
    const group = byRecord.get(`${seq} ${streamKey}`) ?? { streamKey, seq, files: [] };
    byRecord.set(`${seq} ${streamKey}`, group);
    group.files.push(file);
    last.set(streamKey, Math.max(seq, last.get(streamKey) ?? 0));
  }
  for (const [streamKey, seq] of last) {
    const record = await journal.last(streamKey, seq);
    if (record !== undefined && durableThrough([record]) >= seq) continue;
    return `record ${seq} of ${streamKey} is not settled`;
  }
  const faults = await mapLimited([...byRecord.values()], READS_IN_FLIGHT_MAX, async (group) => {
    const { streamKey, seq, files } = group;
    const record = await journal.read(streamKey, seq);
    const objects = record !== undefined && namesObjects(record) ? record.objects : [];
    const rows = new Map(objects.map((object) => [object.key, object.rows]));
    const strange = files.find((file) => rows.get(`${folder}/${file.path}`) !== file.rows);
    return strange && `record ${seq} of ${streamKey} does not name "${strange.path}" as it is`;
  });
  return faults.find((fault) => fault !== undefined);
}
