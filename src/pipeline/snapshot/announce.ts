import { PermanentError } from "../../model/errors.ts";
import { initialId } from "../../model/snapshot.ts";
import { streamName } from "../../model/stream.ts";
import { type Clock, isoTime } from "../../support/clock.ts";
import type { SourceDescription } from "../ports.ts";
import type { SnapshotAnnouncer, SnapshotFiles } from "../snapshots.ts";

/** Servers before it cannot be asked for a collection by its UUID. */
const SERVER_MAJOR_MIN = 6;

/** Puts an intent in front of the start of each target that was never streamed. */
export function announceSnapshots(
  files: Pick<SnapshotFiles, "putIntent">,
  clock: Clock,
): SnapshotAnnouncer {
  return {
    async initial(stream, server) {
      const why = whyNoSnapshot(server);
      if (why !== undefined) {
        throw new PermanentError(
          `Cannot begin ${streamName(stream)} with SNAPSHOT=initial: ${why}; set SNAPSHOT=off`,
          { mend: "configuration" },
        );
      }
      await files.putIntent({
        ...{ v: 1, id: initialId(stream), reason: "initial", stream },
        writtenAt: isoTime(clock.wallMs()),
      });
    },
  };
}

/** Undefined where snapshots can be read from such a server. */
export function whyNoSnapshot({ identity, version }: SourceDescription): string | undefined {
  if (identity.setName === undefined) return "snapshots of sharded clusters are not taken yet";
  if (Number(version.split(".")[0]) < SERVER_MAJOR_MIN) {
    return `it needs MongoDB ${SERVER_MAJOR_MIN}.0 or later, and the server is ${version}`;
  }
  return undefined;
}
