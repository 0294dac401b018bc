import { WHY_ALONE } from "../status/reading.ts";
import type { Log } from "../../support/log.ts";

/** What happens to change streams that many streams are read by. */
export type ReadingEvent =
  | { readonly type: "group-lost"; readonly members: number; readonly reason: string }
  | { readonly type: "group-read" }
  | { readonly type: "reads-alone"; readonly stream: string; readonly why: string }
  | { readonly type: "not-shared"; readonly form: string };

/** Says why a stream has a change stream of its own, and that one which many share was lost. */
export function logReadingEvent(log: Log, event: ReadingEvent): void {
  switch (event.type) {
    case "group-read":
      return;
    case "group-lost":
      return log.info("The change stream that many streams share was lost and is opened again", {
        streams: event.members,
        reason: event.reason,
      });
    case "reads-alone":
      return log.info("A stream reads by a change stream of its own for a while", {
        stream: event.stream,
        reason: WHY_ALONE[event.why] ?? event.why,
      });
    case "not-shared":
      return log.warn(
        "Streams cannot share a change stream: MongoDB reads its oplog once for each",
        {
          watched: event.form,
          change:
            "grant the MongoDB user the role read on the database, or readAnyDatabase where " +
            "collections of several databases are watched",
        },
      );
  }
}
