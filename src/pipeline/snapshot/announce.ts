import { PermanentError } from "../../model/errors.ts";
import { initialId, lostId, renamedId, restId, type SnapshotIntent } from "../../model/snapshot.ts";
import type { NoSnapshot, SnapshotWish } from "../../model/snapshot_wish.ts";
import { type Position, samePosition } from "../../model/position.ts";
import {
  isWider,
  type Stream,
  streamKey,
  streamName,
  targetKey,
  wholeTarget,
} from "../../model/stream.ts";
import { type Clock, isoTime } from "../../support/clock.ts";
import type { Journal, SourceDescription } from "../ports.ts";
import type { SnapshotAnnouncer, SnapshotFiles } from "../snapshots.ts";
import { beganEmpty } from "./began_empty.ts";
import { isOwed } from "./owed.ts";

/** What a person does where no snapshot can be taken. */
export const LOAD_OTHERWISE =
  "load the documents with another tool, such as mongodump, once this stream has begun; SNAPSHOT=off says that none are wanted";

/** Servers before it cannot be asked for a collection by its UUID. */
const SERVER_MAJOR_MIN = 6;

export interface AnnouncerOptions {
  readonly files: Omit<SnapshotFiles, "putCancel" | "putPlan" | "putEnd">;
  readonly journal: Pick<Journal, "read" | "streams">;
  readonly clock: Clock;
  readonly wish: SnapshotWish;
  /** Whether nothing was in it where it starts. Absent: nobody can be asked. */
  readonly isNothingThere?: (stream: Stream, start: Position) => Promise<boolean>;
  /** Whether a target is streamed since it was made, because patterns found it later. Absent: none is. */
  readonly cameLater?: (target: Stream) => Promise<boolean>;
  /** Called with each intent that counts. */
  readonly announced?: (intent: SnapshotIntent) => void;
  /** Called once, when the first target begins whose documents become no rows, though nobody has said so. */
  readonly withheld?: (why: NoSnapshot) => void;
}

/**
 * Puts an intent in front of the start of each target that was never streamed, unless nothing is there, and in front of each record that says that
 * something is lost.
 */
export function announceSnapshots(
  {
    files,
    journal,
    clock,
    wish,
    isNothingThere = () => Promise.resolve(false),
    cameLater = () => Promise.resolve(false),
    announced = () => {},
    withheld = () => {},
  }: AnnouncerOptions,
): SnapshotAnnouncer {
  const look = rememberFound(isNothingThere);
  let isTold = false;
  const tell = (why: NoSnapshot) => {
    if (!isTold) withheld(why);
    isTold = true;
  };
  const put = async (intent: Omit<SnapshotIntent, "v" | "writtenAt">) => {
    const writtenAt = isoTime(clock.wallMs());
    announced(await files.putIntent({ v: 1, ...intent, writtenAt }));
  };
  return {
    async initial(stream, start, server, followed = []) {
      const followsWider = followed.some((each) => isWider(each, stream));
      if (followsWider && !await isOwed(files, journal, stream, followed)) return;
      if (wish.kind === "off") {
        if (wish.why !== undefined) tell(wish.why);
        return;
      }
      const description = await server();
      const reason = whyNoSnapshot(description);
      if (wish.kind === "where-possible" && reason !== undefined) {
        return tell({ reason, change: LOAD_OTHERWISE });
      }
      const action = `Cannot begin ${streamName(stream)} with SNAPSHOT=initial`;
      refuse(description, action, "SNAPSHOT=off");
      if (followed.length === 0 && await look(stream, start)) return;
      const isRest = followed.length > 0 && !followsWider;
      const id = isRest ? restId(stream) : initialId(stream);
      await put({ id, reason: "initial", stream });
    },
    async wasEmpty(stream, start, server) {
      if (wish.kind === "off" || whyNoSnapshot(await server()) !== undefined) return false;
      return await look(stream, start);
    },
    async lost(stream, seq, server) {
      const action = `Cannot go on with ${streamName(stream)} with ON_HISTORY_LOST=snapshot`;
      refuse(await server(), action, "ON_HISTORY_LOST=restart");
      await put({
        ...{ id: lostId(stream, seq), reason: "history-lost", stream: wholeTarget(stream) },
        lost: { stream: streamKey(stream), seq },
      });
    },
    async renamed(stream, onto, server) {
      if (wish.kind === "off" || whyNoSnapshot(await server()) !== undefined) return;
      const target = wholeTarget(stream);
      // What was begun before anybody had snapshots gets none by itself.
      const isAsked = wish.kind === "initial" || await hasInitial(files, target) ||
        await beganEmpty(journal, stream) || await cameLater(target);
      if (!isAsked) return;
      const { database, collection } = onto;
      await put({
        ...{ id: renamedId(stream, onto), reason: "renamed", stream: target },
        ...{ target: { level: "collection", database, collection }, onto },
      });
    },
  };
}

/** The same, asked once of each start. */
function rememberFound(
  isNothingThere: NonNullable<AnnouncerOptions["isNothingThere"]>,
): typeof isNothingThere {
  const found = new Map<string, { readonly start: Position; readonly isEmpty: boolean }>();
  return async (stream, start) => {
    const known = found.get(targetKey(stream));
    if (known !== undefined && samePosition(known.start, start)) return known.isEmpty;
    const isEmpty = await isNothingThere(stream, start);
    found.set(targetKey(stream), { start, isEmpty });
    return isEmpty;
  };
}

/** Of a collection also where what it may have followed had one. */
async function hasInitial(
  files: Pick<SnapshotFiles, "readIntent">,
  target: Stream,
): Promise<boolean> {
  const around: Stream[] = target.level !== "collection" ? [] : [
    { level: "database", database: target.database },
  ];
  const targets = [target, ...around, { level: "deployment" } as const];
  for (const id of [restId(target), ...targets.map(initialId)]) {
    if (await files.readIntent(id) !== undefined) return true;
  }
  return false;
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
