import { type ClusterTime, laterTime } from "../model/cluster_time.ts";
import { PermanentError } from "../model/errors.ts";
import { askedId, type SnapshotIntent } from "../model/snapshot.ts";
import { type Stream, streamKey, streamName, targetKey } from "../model/stream.ts";
import { parseTarget } from "../model/stream_choice.ts";
import type { DocumentSource, FilterCheck, SurveyedCollection } from "../pipeline/documents.ts";
import { streamsToRun } from "../pipeline/layout/layout_streams.ts";
import { whyNoSnapshot } from "../pipeline/snapshot/announce.ts";
import type { SnapshotFiles } from "../pipeline/snapshots.ts";
import { isoTime } from "../support/clock.ts";
import { mapLimited } from "../support/flow/limited.ts";
import type { OperatorParts } from "./operator_context.ts";

/** Journals that are looked at side by side. */
const LOOKS_IN_FLIGHT_MAX = 16;

/** What a command has that asks for snapshots. */
export interface AskParts
  extends Pick<OperatorParts, "journal" | "layouts" | "source" | "settings" | "clock" | "signal"> {
  readonly files: SnapshotFiles;
  readonly documents: Pick<DocumentSource, "survey"> & FilterCheck;
}

/** A snapshot that is due from now on. */
export interface AskedSnapshot {
  readonly id: string;
  readonly name: string;
  readonly collections: number;
  /** About so many, with those that do not fit a filter. */
  readonly documents: number;
}

/**
 * Makes a snapshot due of a collection or a database: whoever runs the stream that brings its changes reads it. `where`: only
 * documents that fit this filter, in extended JSON.
 *
 * @throws {PermanentError} where one is under way, or none can be taken.
 */
export async function askSnapshot(
  parts: AskParts,
  word: string,
  where: string | undefined,
): Promise<AskedSnapshot> {
  const { files, documents, clock, settings, source, signal } = parts;
  const target = parseTarget(word);
  if (target === undefined) {
    throw new PermanentError(
      `Cannot take a snapshot of "${word}": write a collection as shop.orders, a database as database:shop`,
    );
  }
  const name = streamName(target);
  const refuse = (why: string): never => {
    throw new PermanentError(`Cannot take a snapshot of ${name}: ${why}`);
  };
  const why = whyNoSnapshot(await source.describe(signal)) ?? whySettingsForbid(parts);
  if (why !== undefined) refuse(why);
  const { stream, floor } = await carrierOf(parts, target) ?? refuse(
    "no stream of this lake brings its changes; begin one with `tributary run`, and ask again",
  );
  const found = await documents.survey(
    { stream: target, namespaces: settings.namespaces, floor },
    signal,
  );
  const [first] = found;
  if (first === undefined) {
    return refuse("there is no such collection that the settings do not leave out");
  }
  const filter = where === undefined
    ? {}
    : { where: await documents.checkFilter(first, where, signal) };
  const id = await freeId(files, target, refuse);
  const intent: SnapshotIntent = {
    ...{ v: 1, id, reason: "asked", stream, ...filter, writtenAt: isoTime(clock.wallMs()) },
    ...(targetKey(stream) === targetKey(target) ? {} : { target }),
  };
  if (await files.putIntent(intent) !== intent) refuse(underWay(id));
  return { id, name, ...countsOf(found) };
}

function countsOf(found: readonly SurveyedCollection[]) {
  const documents = found.reduce((sum, { documents }) => sum + documents, 0);
  return { collections: found.length, documents };
}

function whySettingsForbid({ settings }: AskParts): string | undefined {
  if (settings.fullDocument !== "off") return undefined;
  return "with FULL_DOCUMENT=off updates have no document, so the latest state could not be told from rows";
}

/** What brings the changes of a target, with all of its partitions, and where it stands. */
async function carrierOf(
  { journal, layouts }: AskParts,
  target: Stream,
): Promise<{ stream: Stream; floor: ClusterTime } | undefined> {
  for (const stream of carriers(target)) {
    const own: readonly Stream[] = stream.level === "collection"
      ? await streamsToRun(journal, layouts, stream)
      : [stream];
    const ends = await mapLimited(own, LOOKS_IN_FLIGHT_MAX, (each) => {
      return journal.last(streamKey(each));
    });
    const open = ends.flatMap((last) => last === undefined || last.kind === "closed" ? [] : [last]);
    if (open.length === 0 || open.length < ends.length) continue;
    return { stream, floor: open.map(({ to }) => to.operationTime).reduce(laterTime) };
  }
  return undefined;
}

/** The target itself, and what it is a part of. */
function carriers(target: Stream): Stream[] {
  const database: Stream[] = target.level === "collection"
    ? [{ level: "database", database: target.database }]
    : [];
  const deployment: Stream[] = target.level === "deployment" ? [] : [{ level: "deployment" }];
  return [target, ...database, ...deployment];
}

async function freeId(
  files: Pick<SnapshotFiles, "find">,
  target: Stream,
  refuse: (why: string) => never,
): Promise<string> {
  const prefix = `${targetKey(target)}.`;
  let number = 0;
  for (const [id, { hasEnd, isCancelled }] of await files.find()) {
    if (!id.startsWith(prefix) || id.slice(prefix.length).includes(".")) continue;
    if (!hasEnd) refuse(isCancelled ? beingCancelled(id) : underWay(id));
    const asked = /^asked-(\d+)$/.exec(id.slice(prefix.length));
    number = Math.max(number, Number(asked?.[1] ?? 0));
  }
  return askedId(target, number + 1);
}

function underWay(id: string): string {
  return `one is under way (${id}); \`tributary snapshot status\` shows it, \`tributary snapshot cancel\` ends it`;
}

function beingCancelled(id: string): string {
  return `one is cancelled and not closed yet (${id}), which instances at work do soon; ask again ` +
    "when `tributary snapshot status` shows it as cancelled";
}
