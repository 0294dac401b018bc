import { PermanentError } from "../model/errors.ts";
import type { GenesisRecord } from "../model/record.ts";
import {
  parseStreamKey,
  type Stream,
  streamName,
  targetKey,
  targetsOverlap,
} from "../model/stream.ts";
import { appendRecord } from "./append_record.ts";
import { newRecordBase } from "./journal_tail.ts";
import { objectKey } from "./object_key.ts";
import type { Journal, Lease } from "./stages.ts";
import { resolveStart } from "./start_position.ts";
import type { StreamContext } from "./stream_context.ts";

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
  const { journal, stream, key, random, settings } = context;
  await refuseLostJournal(context);
  await refuseOverlap(journal, stream, key);
  const { identity } = await context.source.describe(lease.signal);
  const fixed = await journal.readStart(targetKey(stream));
  const start = fixed ??
    await journal.putStart(targetKey(stream), await resolveStart(context, lease.signal));
  const place = { seq: 0, from: start, to: start, settingsSeq: 0, durableThrough: 0 };
  const record: GenesisRecord = {
    ...newRecordBase(context, lease, place),
    kind: "genesis",
    stream,
    lake: random.hex(8),
    source: identity,
    settings,
  };
  await appendRecord(context, lease, record);
  context.observe({ type: "genesis-written", position: start });
  await closeIfOverlapped(context, lease, record);
}

/** A journal that is gone while its objects or its state are still there must not be begun anew by itself. */
async function refuseLostJournal(context: StreamContext): Promise<void> {
  const { journal, key, state } = context;
  const advice =
    `restore _tributary/streams/${key}/, use another prefix, or accept the loss with ` +
    `\`tributary position adopt ${streamName(context.stream)}\``;
  if (await journal.exists(key)) {
    throw new PermanentError(
      `Cannot begin the journal of ${key}: its first record is gone and others are there; ${advice}`,
    );
  }
  if (await state.load(key) !== undefined) {
    throw new PermanentError(
      `Cannot begin the journal of ${key}: the state store knows this stream, the destination does not; ${advice}`,
    );
  }
  const object = await findOldObject(context);
  if (object !== undefined) {
    throw new PermanentError(
      `Cannot begin the journal of ${key}: objects of it are there, such as "${object}"; ${advice}`,
    );
  }
}

/** Some object that an earlier journal of this stream has named; only its file name tells. */
async function findOldObject(context: StreamContext): Promise<string | undefined> {
  const { destination, key } = context;
  const prefix = keyPrefix(context);
  const isOurs = (path: string): boolean => {
    const file = path.slice(path.lastIndexOf("/") + 1);
    return file.startsWith(`${key}-`) && /^[0-9a-f]{8}-\d+-\d+\./.test(file.slice(key.length + 1));
  };
  let startAfter: string | undefined;
  for (let seen = 0; seen < OLD_OBJECTS_LOOKED_AT_MAX; seen += LIST_PAGE_KEYS) {
    const page = await destination.list(prefix, {
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
  const name = { streamKey: key, lake: "\u0001", seq: 0, index: 0, extension: "" };
  // The marks, and the time of which nothing is known, end what is common.
  const template = settings.keyRule.template.replace(/\{(yyyy|MM|dd|HH)\}/g, "\u0001");
  const sample = objectKey({ ...settings.keyRule, template }, namespace, "", name);
  return sample.slice(0, sample.search(/\u0001|%01/));
}

/** Two streams that both see an event must not write one lake. */
async function refuseOverlap(journal: Journal, stream: Stream, ownKey: string): Promise<void> {
  const other = await findOverlap(journal, stream, ownKey);
  if (other === undefined) return;
  throw new PermanentError(
    `Cannot begin ${streamName(stream)}: ${streamName(other)} writes the same events into this ` +
      `destination; stop it and run \`tributary layout retire ${
        streamName(other)
      }\`, or use another prefix`,
  );
}

/** Two that began at the same moment have not seen each other before: the one with the greater key gives way. */
async function closeIfOverlapped(
  context: StreamContext,
  lease: Lease,
  genesis: GenesisRecord,
): Promise<void> {
  const { journal, stream, key } = context;
  const other = await findOverlap(journal, stream, key, (otherKey) => otherKey < key);
  if (other === undefined) return;
  const reason = `overlaps ${streamName(other)}, begun at the same time`;
  const place = { seq: 1, from: genesis.to, to: genesis.to, settingsSeq: 0, durableThrough: 0 };
  await appendRecord(context, lease, {
    ...newRecordBase(context, lease, place),
    kind: "closed",
    reason,
  });
  throw new PermanentError(
    `Closed ${streamName(stream)} again: it ${reason}; use another prefix for one of them`,
  );
}

async function findOverlap(
  journal: Journal,
  stream: Stream,
  ownKey: string,
  counts: (key: string) => boolean = () => true,
): Promise<Stream | undefined> {
  for (const key of await journal.streams()) {
    if (key === ownKey || !counts(key)) continue;
    const parsed = parseStreamKey(key);
    if (parsed !== undefined && !targetsOverlap(parsed, stream)) continue;
    const genesis = await journal.read(key, 0);
    if (genesis?.kind !== "genesis" || !targetsOverlap(genesis.stream, stream)) continue;
    if (areSiblings(genesis.stream, stream)) continue;
    const last = await journal.last(key);
    if (last !== undefined && last.kind !== "closed") return genesis.stream;
  }
  return undefined;
}

/** Partitions of one collection share its events out among themselves. */
function areSiblings(a: Stream, b: Stream): boolean {
  return a.level === "collection" && b.level === "collection" &&
    a.partition !== undefined && b.partition !== undefined && targetKey(a) === targetKey(b);
}
