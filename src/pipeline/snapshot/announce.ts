import { PermanentError } from "../../model/errors.ts";
import { initialId, lostId, renamedId } from "../../model/snapshot.ts";
import { streamKey, streamName, wholeTarget } from "../../model/stream.ts";
import { type Clock, isoTime } from "../../support/clock.ts";
import type { SourceDescription } from "../ports.ts";
import type { SnapshotAnnouncer, SnapshotFiles } from "../snapshots.ts";

/** Servers before it cannot be asked for a collection by its UUID. */
const SERVER_MAJOR_MIN = 6;

/**
 * Puts an intent in front of the start of each target that was never streamed, where that `isWanted`, and in front of each
 * record that says that something is lost. `announced` is called of what nobody looks for by itself soon.
 */
export function announceSnapshots(
  files: Pick<SnapshotFiles, "putIntent">,
  clock: Clock,
  isWanted: boolean,
  announced: () => void = () => {},
): SnapshotAnnouncer {
  return {
    async initial(stream, server) {
      if (!isWanted) return;
      const id = initialId(stream);
      refuse(
        await server(),
        `Cannot begin ${streamName(stream)} with SNAPSHOT=initial`,
        "SNAPSHOT=off",
      );
      const writtenAt = isoTime(clock.wallMs());
      await files.putIntent({ v: 1, id, reason: "initial", stream, writtenAt });
    },
    async lost(stream, seq, server) {
      const action = `Cannot go on with ${streamName(stream)} with ON_HISTORY_LOST=snapshot`;
      refuse(await server(), action, "ON_HISTORY_LOST=restart");
      await files.putIntent({
        ...{ v: 1, id: lostId(stream, seq), reason: "history-lost", stream: wholeTarget(stream) },
        lost: { stream: streamKey(stream), seq },
        writtenAt: isoTime(clock.wallMs()),
      });
      announced();
    },
    async renamed(stream, onto, server) {
      if (!isWanted || whyNoSnapshot(await server()) !== undefined) return;
      const { database, collection } = onto;
      await files.putIntent({
        ...{ v: 1, id: renamedId(stream, onto), reason: "renamed", stream: wholeTarget(stream) },
        ...{ target: { level: "collection", database, collection }, onto },
        writtenAt: isoTime(clock.wallMs()),
      });
      announced();
    },
  };
}

/** Where no snapshot can be taken. */
function refuse(server: SourceDescription, action: string, instead: string): void {
  const why = whyNoSnapshot(server);
  if (why === undefined) return;
  throw new PermanentError(`${action}: ${why}; set ${instead}`, { mend: "configuration" });
}

/** Undefined where snapshots can be read from such a server. */
export function whyNoSnapshot({ identity, version }: SourceDescription): string | undefined {
  if (identity.setName === undefined) return "snapshots of sharded clusters are not taken yet";
  if (Number(version.split(".")[0]) < SERVER_MAJOR_MIN) {
    return `it needs MongoDB ${SERVER_MAJOR_MIN}.0 or later, and the server is ${version}`;
  }
  return undefined;
}
