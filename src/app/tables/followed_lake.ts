import { listRedriven, readRedrives } from "../../journal/letters/object_redrives.ts";
import { RANGES_FOLDER } from "../../journal/journal_keys.ts";
import { createObjectJournal } from "../../journal/object_journal.ts";
import type { LakeFollowerParts } from "../../table/follow/lake_follower.ts";
import type { Places } from "../adapters.ts";

/** What following a lake needs, whatever comes of it. */
export function followedLake({ lake, destination }: Places): Omit<LakeFollowerParts, "openLog"> {
  const journal = createObjectJournal(lake);
  return {
    lake: { journal, objects: destination },
    redrives: {
      records: () => listRedriven(lake),
      read: (key, seq) => readRedrives(lake, key, seq),
    },
    async streams() {
      const [streams, ranges] = await Promise.all([
        journal.streams(),
        lake.listFolders(RANGES_FOLDER),
      ]);
      return [...streams, ...ranges];
    },
  };
}
