import { FencedError, PermanentError } from "../../model/errors.ts";
import type { ClosedRecord, GenesisRecord } from "../../model/record.ts";
import type { CollectionStream } from "../../model/layout.ts";
import type { Position } from "../../model/position.ts";
import { type Stream, streamKey, streamName, targetKey, wholeTarget } from "../../model/stream.ts";
import { appendRecord } from "../record/append_record.ts";
import { findOverlappingJournals, type JournalEnds } from "../layout/journal_ends.ts";
import { newRecordBase } from "../record/journal_tail.ts";
import { assertRoomForKeys } from "../record/key_room.ts";
import { wantedSettings } from "../record/wanted_settings.ts";
import { streamsToRun } from "../layout/layout_streams.ts";
import { FILE_NAME_REST, objectKey, withHiddenFolders } from "../record/object_key.ts";
import { OVERLAPS } from "../layout/is_retired.ts";
import { fixTargetStart, type IsNew } from "../layout/target_start.ts";
import { refuseUncovered } from "../layout/uncovered.ts";
import type { Journal, Lease } from "../ports.ts";
import { resolveStart } from "./start_position.ts";
import type { StreamContext } from "../stream_context.ts";

/** How many keys of old objects are looked through before a journal is begun; a full page more says enough. */
const OLD_OBJECTS_LOOKED_AT_MAX = 100_000;
const LIST_PAGE_KEYS = 1000;

/**
 * Begins a stream's journal: fixes where it starts, before the first event is read, so that nothing after the first
 * start is lost even if the process dies before its first batch.
 */
export async function writeGenesis(
  context: StreamContext,
  lease: Lease,
): Promise<void> {
  await refuseLostJournal(context);
  await beginJournal(context, lease, () => fixStart(context, lease));
}

/** Begins a stream's journal where `findStart` says, whatever was there before. */
export async function beginJournal(
  context: StreamContext,
  lease: Lease,
  findStart: () => Promise<Position>,
): Promise<void> {
  const { journal, stream, random, settings, snapshots, source } = context;
  await assertRoomForKeys(context.sink, stream, settings);
  await refuseOverlap(journal, stream);
  const description = await source.describe(lease.signal);
  const start = await findStart();
  const v = context.recordFormat.versionAfter();
  const place = { v, seq: 0, from: start, to: start, settingsSeq: 0, durableThrough: 0 };
  const server = () => Promise.resolve(description);
  const wasEmpty = v > 1 && await snapshots?.wasEmpty(stream, start, server) === true;
  const record: GenesisRecord = {
    ...newRecordBase(context, lease, place),
    kind: "genesis",
    stream,
    lake: random.hex(8),
    source: description.identity,
    settings: wantedSettings(settings, stream, v),
    ...(wasEmpty ? { wasEmpty: true as const } : {}),
  };
  await appendRecord(context, lease, record);
  context.observe({ type: "genesis-written", position: start });
}

/** Where the journal begins: a partition at its layout's barrier, any other stream where its target does. */
async function fixStart(context: StreamContext, lease: Lease): Promise<Position> {
  const { journal, layouts, stream } = context;
  const target = targetKey(stream);
  if (stream.level === "collection" && stream.partition !== undefined) {
    await refuseBeforePredecessors(context, stream);
    const layout = await layouts.read(target, stream.partition.epoch);
    if (layout?.of === stream.partition.of) return layout.barrier;
    throw new PermanentError(
      `Cannot begin ${streamName(stream)}: layout ${stream.partition.epoch} of ${target} has ` +
        `${layout?.of ?? "no"} partitions`,
    );
  }
  const { snapshots, source } = context;
  const isNew: IsNew = async (at, followed) =>
    await snapshots?.initial(stream, at, () => source.describe(lease.signal), followed);
  const start = () => resolveStart(context, lease.signal);
  const follows = (end: Position) => refuseUncovered(context, end, lease.signal);
  return await fixTargetStart(journal, stream, start, isNew, follows);
}

/** Started sooner, a partition would bring events that a stream of the epoch before still brings. */
async function refuseBeforePredecessors(
  { journal, layouts }: StreamContext,
  stream: CollectionStream,
): Promise<void> {
  const running = await streamsToRun(journal, layouts, stream);
  if (running.some((each) => streamKey(each) === streamKey(stream))) return;
  throw new FencedError(
    `Stopped beginning ${streamKey(stream)}: other streams of its collection run now`,
  );
}

/** A journal that is gone while its objects or its state are still there must not be begun anew by itself. */
async function refuseLostJournal(context: StreamContext): Promise<void> {
  const { journal, key } = context;
  const trace = await findTrace(context);
  if (trace === undefined) return;
  if (await journal.read(key, 0) !== undefined) {
    throw new FencedError(`Stopped beginning the journal of ${key}: another writer has begun it`);
  }
  throw new PermanentError(
    `Cannot begin the journal of ${key}: ${trace}; restore _tributary/streams/${key}/, use another ` +
      `prefix, or accept the loss with \`tributary position adopt ${streamName(context.stream)}\``,
  );
}

/** What shows that this stream had a journal before; undefined if nothing does. */
export async function findTrace(context: StreamContext): Promise<string | undefined> {
  const { journal, key, state } = context;
  if (await journal.exists(key)) return "its first record is gone and others are there";
  // A damaged one throws: without a journal it is the only sign of where the stream was.
  if (await state.load(key) !== undefined) {
    return "the state store knows this stream, the destination does not";
  }
  const object = await findOldObject(context);
  return object === undefined ? undefined : `objects of it are there, such as "${object}"`;
}

/** Some object that an earlier journal of this stream has named; only its file name tells. */
async function findOldObject(context: StreamContext): Promise<string | undefined> {
  const prefix = keyPrefix(context);
  for (const each of new Set([prefix, withHiddenFolders(prefix)])) {
    const found = await findObjectBelow(context, each);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function findObjectBelow(
  { sink, key }: StreamContext,
  prefix: string,
): Promise<string | undefined> {
  const isOurs = (path: string): boolean => {
    const file = path.slice(path.lastIndexOf("/") + 1);
    return file.startsWith(`${key}-`) && FILE_NAME_REST.test(file.slice(key.length + 1));
  };
  let startAfter: string | undefined;
  for (let seen = 0; seen < OLD_OBJECTS_LOOKED_AT_MAX; seen += LIST_PAGE_KEYS) {
    const page = await sink.list(prefix, {
      limit: LIST_PAGE_KEYS,
      ...(startAfter === undefined ? {} : { startAfter }),
    });
    const found = page.find(isOurs);
    if (found !== undefined || page.length < LIST_PAGE_KEYS) return found;
    startAfter = page.at(-1);
  }
  return undefined;
}

/** The longest beginning that the keys of all this stream's objects have in common. */
function keyPrefix(context: StreamContext): string {
  const { stream, key, settings } = context;
  const marks = { database: "\u0001", collection: "\u0001" };
  const namespace = {
    database: stream.level === "deployment" ? marks.database : stream.database,
    collection: stream.level === "collection" ? stream.collection : marks.collection,
  };
  const name = { streamKey: key, seq: 0, index: 0, recordId: "\u0001", extension: "" };
  // The marks, the time of which nothing is known, and what follows from names of files end what is common.
  const template = settings.keyRule.template.replace(/\{(yyyy|MM|dd|HH|hash)\}/g, "\u0001");
  const sample = objectKey({ ...settings.keyRule, template }, namespace, "", name);
  const ends = ["\u0001", "%01", "!01"].map((mark) => sample.indexOf(mark)).filter((at) => at >= 0);
  return sample.slice(0, Math.min(...ends));
}

/** Two streams that both see an event must not write one lake. */
export async function refuseOverlap(journal: Journal, stream: Stream): Promise<void> {
  const others = await findOverlaps(journal, stream);
  if (others.length === 0) return;
  const names = [...new Set(others.map((other) => streamName(wholeTarget(other.stream))))];
  throw new PermanentError(
    `Cannot begin ${streamName(stream)}: ${names.join(" and ")} ` +
      `${names.length === 1 ? "writes" : "write"} the same events into this destination; stop ` +
      `${names.length === 1 ? "it" : "them"} and run \`tributary layout retire ` +
      `${names.join(" ")}\`, or use another prefix`,
    { mend: "configuration" },
  );
}

/**
 * Decides between streams that overlap and began at the same moment, when neither had seen the other. To be called
 * whenever a journal holds nothing but its genesis, before anything is appended.
 *
 * A journal that has gone on stays. Of two that have not, the one with the greater key is closed, by whichever of them
 * comes first: record 1 can be written only once, so what is decided here holds for both.
 */
export async function settleOverlap(
  context: StreamContext,
  lease: Lease,
  genesis: GenesisRecord,
): Promise<void> {
  const { journal, stream, key } = context;
  for (const other of await findOverlaps(journal, stream)) {
    if (other.key > key && await closeOther(context, lease, other)) continue;
    const reason = `${OVERLAPS}${streamName(other.stream)}, begun at the same time`;
    await appendRecord(context, lease, closing(context, lease, genesis, reason));
    throw new PermanentError(
      `Closed ${streamName(stream)} again: it ${reason}; use another prefix for one of them`,
      { mend: "configuration" },
    );
  }
}

/** Closes the journal of another stream unless it has gone on after its genesis; answers whether it is closed. */
async function closeOther(
  context: StreamContext,
  lease: Lease,
  { key, genesis }: JournalEnds,
): Promise<boolean> {
  const reason = `${OVERLAPS}${streamName(context.stream)}, begun at the same time`;
  if (!lease.isValid()) throw new FencedError(`Stopped before closing ${key}: the lease has ended`);
  await context.journal.append(key, closing(context, lease, genesis, reason));
  return (await context.journal.read(key, 1))?.kind === "closed";
}

function closing(
  context: StreamContext,
  lease: Lease,
  { v, to }: GenesisRecord,
  reason: string,
): ClosedRecord {
  const place = { v, seq: 1, from: to, to, settingsSeq: 0, durableThrough: 0 };
  return { ...newRecordBase(context, lease, place), kind: "closed", reason };
}

/** The open journals of other targets that see some of the same events. */
async function findOverlaps(journal: Journal, stream: Stream): Promise<JournalEnds[]> {
  const journals = await findOverlappingJournals(journal, stream);
  return journals.filter(({ last }) => last.kind !== "closed");
}
