import { describeClusterTime } from "../model/cluster_time.ts";
import type { JournalStore } from "./object_journal.ts";
import { readObjectCoverage } from "./object_coverage.ts";
import { acceptedGaps, nameOfSelection } from "./selection_gaps.ts";
import type { StreamReport } from "./verify_options.ts";

/** The selections of which it is not known at all times what collections there were, in the form of a stream's report. */
export async function verifySelections(
  store: Pick<JournalStore, "get" | "list" | "listFolders">,
): Promise<StreamReport[]> {
  const log = readObjectCoverage(store);
  const reports: StreamReport[] = [];
  for (const selection of await log.selections()) {
    const last = await log.last(selection);
    if (last === undefined || last.gaps.length === 0) continue;
    const holes = last.gaps.map(({ from, to, reason }) => ({
      seq: last.seq,
      what: `which of ${last.filter.include.join(", ")} came and went between ` +
        `${describeClusterTime(from)} and ${describeClusterTime(to)} is not known: ${reason}`,
    }));
    const accepted = await acceptedGaps(store, selection, last);
    const split = accepted?.gaps ?? 0;
    const counts = { records: last.seq + 1, objects: 0, rows: 0, deadLetters: 0, remadeUnnoted: 0 };
    reports.push({
      stream: nameOfSelection(selection),
      ...counts,
      holes: holes.slice(split).map((hole) => ({ ...hole, isLoss: true as const })),
      ...(accepted === undefined ? {} : {
        accepted: holes.slice(0, split).map((hole) => {
          const { reason, acceptedBy, acceptedAt } = accepted;
          return { ...hole, reason, acceptedBy, acceptedAt };
        }),
      }),
    });
  }
  return reports;
}
