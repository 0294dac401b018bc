import { compareClusterTimes } from "../model/cluster_time.ts";
import { FencedError, HistoryLostError, PermanentError } from "../model/errors.ts";
import {
  comparePositions,
  describePosition,
  type Position,
  positionAt,
} from "../model/position.ts";
import type { Point } from "../model/start_from.ts";
import { type JournalRecord, namesObjects, type SourceIdentity } from "../model/record.ts";
import { type Stream, streamName } from "../model/stream.ts";
import { parseTarget } from "../model/stream_choice.ts";
import { appendRecord } from "../pipeline/record/append_record.ts";
import { beginJournal, findTrace } from "../pipeline/recover/genesis.ts";
import { fillJournal } from "./fill_journal.ts";
import { findJournals, type JournalEnds } from "../pipeline/layout/journal_ends.ts";
import { type JournalFacts, JournalTail } from "../pipeline/record/journal_tail.ts";
import { streamsToRun } from "../pipeline/layout/layout_streams.ts";
import { differentSource, isKnownByNameOnly, readFacts } from "../pipeline/recover/open_journal.ts";
import { contextOf, operatorLease, type OperatorParts } from "./operator_context.ts";
import { findMissedEvent } from "../pipeline/recover/other_history.ts";
import { resolvePoint } from "./point.ts";
import type { SourceDescription } from "../pipeline/ports.ts";

/** What was accepted for one stream. */
export type Adoption =
  | { readonly stream: Stream; readonly what: "lost-journal"; readonly at: Position }
  | {
    readonly stream: Stream;
    readonly what: "lost-records";
    /** Where the journal ends, and goes on. */
    readonly at: Position;
    readonly records: number;
  }
  | {
    readonly stream: Stream;
    readonly what: "other-source" | "restored-source";
    readonly at: Position;
    /** Objects that only the server of before could have given. */
    readonly objectsGivenUp: number;
  };

/**
 * Accepts what a run refuses, because a person knows better: that a stream's journal is lost, or a part of it, or that its
 * events come from another server now, or from one that was restored. What a part is missing of is filled in
 * (`fill_journal.ts`). A lost journal begins anew at `at`, or where the state store
 * last saw it; the server's change is noted in the journal, which goes on at `at`, or where it ends.
 *
 * @throws {PermanentError} where there is nothing to accept, or it must not be.
 */
export async function adoptStream(
  parts: OperatorParts,
  word: string,
  at: Point | undefined,
): Promise<Adoption[]> {
  const adopted: Adoption[] = await adoptRest(parts, word);
  const { journals } = await findJournals(parts.journal, word);
  const open = journals.filter(({ last }) => last.kind !== "closed");
  for (const ends of open) {
    const adoption = await adoptSource(parts, ends, at);
    if (adoption !== undefined) adopted.push(adoption);
  }
  const known = new Set(journals.map(({ key }) => key));
  for (const stream of await streamsNamed(parts, word, journals)) {
    const context = contextOf(parts, stream);
    if (!known.has(context.key)) adopted.push(await adoptLostJournal(parts, stream, at));
  }
  if (adopted.length > 0) return adopted;
  throw new PermanentError(
    `Cannot adopt ${word}: nothing is wrong, its journal is there and was written from this server`,
  );
}

/** Journals of which records are gone and later ones are there. */
async function adoptRest(parts: OperatorParts, word: string): Promise<Adoption[]> {
  const { journals, lost } = await findJournals(parts.journal, word);
  const adopted: Adoption[] = [];
  for (const key of [...journals.map((each) => each.key), ...lost]) {
    const filled = await fillJournal(parts, key, parseTarget(word));
    if (filled !== undefined) adopted.push({ what: "lost-records", ...filled });
  }
  return adopted;
}

/** The streams that should have a journal. */
async function streamsNamed(
  { journal, layouts }: OperatorParts,
  word: string,
  journals: readonly JournalEnds[],
): Promise<readonly Stream[]> {
  const target = parseTarget(word);
  if (target === undefined && journals.length === 0) {
    throw new PermanentError(
      `Cannot find the stream "${word}": write deployment, database:shop or shop.orders`,
    );
  }
  if (target === undefined) return [];
  return target.level === "collection" ? await streamsToRun(journal, layouts, target) : [target];
}

async function adoptLostJournal(
  parts: OperatorParts,
  stream: Stream,
  at: Point | undefined,
): Promise<Adoption> {
  const context = contextOf(parts, stream);
  const name = streamName(stream);
  if (await findTrace(context) === undefined) {
    throw new PermanentError(
      `Cannot adopt ${name}: nothing shows that it was ever streamed here; run it, or fix its ` +
        "start with `tributary position set`",
    );
  }
  const position = at === undefined
    ? (await parts.state.load(context.key))?.position
    : await resolvePoint(parts, stream, at);
  if (position === undefined) {
    throw new PermanentError(
      `Cannot adopt ${name}: the state store does not know where it stood; say where to go on ` +
        "with --at",
    );
  }
  await beginJournal(context, operatorLease(parts), () => Promise.resolve(position));
  return { stream, what: "lost-journal", at: position };
}

async function adoptSource(
  parts: OperatorParts,
  ends: JournalEnds,
  at: Point | undefined,
): Promise<Adoption | undefined> {
  const { stream, last } = ends;
  const context = contextOf(parts, stream);
  const facts = await readFacts(context, last);
  const server = await parts.source.describe(parts.signal);
  const isDifferent = differentSource(facts.source, server.identity) !== undefined;
  const isRestored = !isDifferent && await wasRestored(parts, ends, server);
  const isOther = isDifferent || (!isRestored && await lacksLastEvent(parts, ends, facts, server));
  if (!isOther && !isRestored) return undefined;
  const end = isOther ? last.to : afterEnd(ends, server);
  const to = at === undefined ? end : await resolvePoint(parts, stream, at);
  if (comparePositions(to, last.to) < 0) {
    throw new PermanentError(
      `Cannot move ${streamName(stream)} back from ${describePosition(last.to)} to ` +
        `${describePosition(to)}: a journal goes forward only; use another prefix`,
    );
  }
  const lease = operatorLease(parts, last);
  const tail = new JournalTail(context, lease, last, facts);
  const append = async (content: Parameters<JournalTail["next"]>[0]): Promise<void> => {
    const record = tail.next(content);
    await appendRecord(context, lease, record).catch((error: unknown) => {
      throw error instanceof FencedError ? atWork(stream) : error;
    });
    tail.appended(record, true);
  };
  const objects = await objectsNeverMade(parts, stream, last);
  if (objects.length > 0) {
    const reason = `the server they came from was ${isOther ? "replaced" : "restored"}`;
    await append({ kind: "void", to: last.to, objects, reason });
  }
  if (isOther) await append({ ...noteOf(server.identity, tail), to: last.to });
  if (comparePositions(to, last.to) > 0) {
    const reason = isOther
      ? "moved by an operator to another server"
      : "MongoDB was restored to a time before; an operator has accepted it";
    await append({ kind: "gap", to, reason });
  }
  const what = isOther ? "other-source" : "restored-source";
  return { stream, what, at: to, objectsGivenUp: objects.length };
}

/** Whether the server is another one, though the name of its set, which is all that it tells of itself, is the same. */
async function lacksLastEvent(
  parts: OperatorParts,
  { stream, last }: JournalEnds,
  facts: JournalFacts,
  server: SourceDescription,
): Promise<boolean> {
  if (!isKnownByNameOnly(facts.source, server.identity)) return false;
  return await findMissedEvent(contextOf(parts, stream), last, parts.signal) !== undefined;
}

/** Whether the server, though it is the same, does not have the operations up to the journal's end (any more). */
async function wasRestored(
  parts: OperatorParts,
  { stream, last }: JournalEnds,
  { operationTime, oldestOplogTime }: SourceDescription,
): Promise<boolean> {
  const end = last.to.operationTime;
  const isAhead = compareClusterTimes(end, operationTime) > 0;
  const isReached = oldestOplogTime !== undefined && compareClusterTimes(oldestOplogTime, end) <= 0;
  if (!isAhead && !isReached) return false;
  const { settings } = parts;
  const request = { stream, from: last.to, settings, images: "as-set" as const };
  try {
    const cursor = await parts.source.open(request, parts.signal);
    await cursor.close();
    return false;
  } catch (error) {
    if (error instanceof HistoryLostError) return true;
    throw error;
  }
}

/** The journal's end is no place on a restored server; whatever that has done afterwards comes behind it. */
function afterEnd({ stream, last }: JournalEnds, { operationTime }: SourceDescription): Position {
  const { t, i } = last.to.operationTime;
  if (compareClusterTimes({ t, i }, operationTime) < 0) return positionAt({ t, i: i + 1 });
  throw new PermanentError(
    `Cannot adopt ${streamName(stream)} yet: the server's last operation is of ` +
      `${describePosition(positionAt(operationTime))}, and the journal ends later, at ` +
      `${
        describePosition(last.to)
      }; try again when the server has passed that, or use another prefix`,
  );
}

function noteOf(source: SourceIdentity, { facts }: JournalTail) {
  return { kind: "settings" as const, source, settings: facts.settings, changed: ["source"] };
}

function atWork(stream: Stream): PermanentError {
  return new PermanentError(
    `Cannot adopt ${streamName(stream)}: another writer appends to its journal; stop it first`,
  );
}

interface NeverMade {
  readonly seq: number;
  readonly key: string;
  readonly rows: number;
}

/** Objects that the last records name and that are not there: the new server does not have their events. */
async function objectsNeverMade(
  parts: OperatorParts,
  stream: Stream,
  last: JournalRecord,
): Promise<NeverMade[]> {
  const context = contextOf(parts, stream);
  const found: NeverMade[] = [];
  for (let seq = last.durableThrough + 1; seq <= last.seq; seq++) {
    const record = seq === last.seq ? last : await parts.journal.read(context.key, seq);
    if (record === undefined || !namesObjects(record)) continue;
    const { missing, missingLetters } = await context.sink.look(record);
    found.push(...missing.map(({ key, rows }) => ({ seq, key, rows })));
    found.push(...missingLetters.map(({ key, events }) => ({ seq, key, rows: events.length })));
  }
  return found;
}
