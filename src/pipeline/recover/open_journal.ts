import { errorMessage, PermanentError } from "../../model/errors.ts";
import { describePosition, positionAfterToken } from "../../model/position.ts";
import type { GenesisRecord, JournalRecord, SourceIdentity } from "../../model/record.ts";
import { changedSettings } from "../../model/settings.ts";
import { streamName } from "../../model/stream.ts";
import { appendRecord } from "../record/append_record.ts";
import { settleOverlap, writeGenesis } from "./genesis.ts";
import { type JournalFacts, JournalTail } from "../record/journal_tail.ts";
import { assertRoomForKeys } from "../record/key_room.ts";
import { isFarewell } from "../record/farewell.ts";
import { wantedSettings } from "../record/wanted_settings.ts";
import { findMissedEvent } from "./other_history.ts";
import { redo } from "./redo.ts";
import { SelectionGuard } from "./selection_guard.ts";
import type { Lease, StreamState } from "../ports.ts";
import type { StreamContext } from "../stream_context.ts";

/**
 * Takes over a stream's journal: begins it where there is none, finishes what its last records name, and notes settings
 * that have changed. Nothing new is appended before everything named before is there.
 */
export async function openJournal(
  context: StreamContext,
  lease: Lease,
  guard = new SelectionGuard(),
): Promise<JournalTail> {
  const last = await findLast(context) ?? await begin(context, lease);
  if (last.kind === "closed") {
    throw new PermanentError(
      `Cannot run ${
        streamName(context.stream)
      }: its journal was closed (${last.reason}); take it out of the ` +
        `settings, or use another prefix`,
      { mend: "configuration" },
    );
  }
  if (last.kind === "genesis") await settleOverlap(context, lease, last);
  const facts = await readFacts(context, last);
  await refuseOtherSource(context, facts.source, last, lease);
  await guard.admit(context, lease, last, facts.settings);
  const tail = new JournalTail(context, lease, last, facts);
  context.observe({
    ...{ type: "journal-opened", seq: last.seq, position: last.to },
    ...unfinishedBy(last, lease),
  });
  context.losses?.opened(
    context.key,
    last,
    (losses) => context.observe({ type: "losses-known", ...losses }),
  );
  await redo(context, lease, tail);
  await noteSettings(context, lease, tail);
  return tail;
}

/** Of a writer that may still be at work. */
function unfinishedBy(last: JournalRecord, lease: Lease) {
  if (last.owner === lease.owner || isFarewell(last)) return {};
  const { owner, writtenAt } = last;
  return { unfinished: { owner, writtenAt } };
}

async function findLast(context: StreamContext): Promise<JournalRecord | undefined> {
  const { journal, key, options } = context;
  const hint = await loadHint(context);
  const last = await journal.last(key, hint?.seq);
  if (last === undefined) return undefined;
  if (hint !== undefined && hint.seq > last.seq) {
    context.observe({ type: "records-missing", seq: last.seq, known: hint.seq });
  }
  const { startFrom } = options;
  if (startFrom.kind !== "now") {
    context.observe({ type: "start-ignored", startFrom: startFrom.kind, position: last.to });
  }
  await refuseHole(context, last);
  return last;
}

/** Nothing follows the first record yet: there was no journal, and nobody appends behind a record of ours but us. */
async function begin(context: StreamContext, lease: Lease): Promise<JournalRecord> {
  const { journal, key } = context;
  await writeGenesis(context, lease);
  const begun = await journal.read(key, 0);
  if (begun !== undefined) return begun;
  throw new PermanentError(
    `Cannot find the journal of ${key} just begun: the destination forgets what it confirmed`,
  );
}

/**
 * Where records are missing, what is found as the last one need not be it; behind it others may name objects that would
 * be brought again.
 */
export async function refuseHole({ journal, key, stream }: StreamContext, last: JournalRecord) {
  const { missing: [hole] } = await journal.survey(key, last.seq);
  if (hole === undefined) return;
  throw new PermanentError(
    `Cannot go on with ${streamName(stream)}: the records ${hole.first} to ${hole.last} of its ` +
      `journal are gone and later ones are there; restore them in _tributary/streams/${key}/, or ` +
      `accept the loss with \`tributary position adopt ${streamName(stream)}\``,
  );
}

/** The state, unless it is damaged: without it the journal's end is found all the same, by a few requests more. */
async function loadHint({ state, key, observe }: StreamContext): Promise<StreamState | undefined> {
  try {
    return await state.load(key);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    observe({ type: "state-unreadable", reason: errorMessage(error) });
    return undefined;
  }
}

/** What the records up to `last` have settled. */
export async function readFacts(
  context: StreamContext,
  last: JournalRecord,
): Promise<JournalFacts> {
  // Hundreds of streams begin or go on at once, and each request counts.
  const genesis = last.kind === "genesis"
    ? last
    : await readKind(context, 0, "genesis") as GenesisRecord;
  const { settingsSeq } = last;
  if (settingsSeq === 0) {
    const { lake, source, settings } = genesis;
    return { lake, source, settings, settingsSeq };
  }
  const record = last.kind === "settings" ? last : await readKind(context, settingsSeq, "settings");
  if (record.kind !== "settings") throw new TypeError("readKind has checked this");
  return { lake: genesis.lake, source: record.source, settings: record.settings, settingsSeq };
}

async function readKind(
  context: StreamContext,
  seq: number,
  kind: JournalRecord["kind"],
): Promise<JournalRecord> {
  const record = await context.journal.read(context.key, seq);
  if (record?.kind === kind) return record;
  throw new PermanentError(
    `Cannot use the journal of ${context.key}: record ${seq} should be ${kind} and is ${
      record?.kind ?? "not there"
    }; ` +
      `restore _tributary/streams/${context.key}/, or accept the loss with \`tributary position adopt ` +
      `${streamName(context.stream)}\``,
  );
}

/** The same positions mean other events on another server. */
async function refuseOtherSource(
  context: StreamContext,
  known: SourceIdentity,
  last: JournalRecord,
  lease: Lease,
): Promise<void> {
  const { identity } = await context.source.describe(lease.signal);
  const field = differentSource(known, identity);
  const name = streamName(context.stream);
  const whatToDo = "use another prefix, or accept it with `tributary position adopt " + name + "`";
  if (field !== undefined) {
    throw new PermanentError(
      `Cannot go on with ${name}: its journal was written from ${field} ${
        known[field]
      }, and this ` +
        `server is ${identity[field]}; ${whatToDo}`,
    );
  }
  if (!isKnownByNameOnly(known, identity)) return;
  const missed = await findMissedEvent(context, last, lease.signal);
  if (missed === undefined) return;
  await refuseLostHistory(context, last, lease);
  throw new PermanentError(
    `Cannot go on with ${name}: the server does not have the last event of its journal, of ` +
      `${describePosition(positionAfterToken(missed))}, and has what came after; it is another ` +
      `cluster whose set has the same name, or it was restored from a backup; ${whatToDo}`,
  );
}

/** Where the source itself can tell that it does not know the journal's end, it says more about it. */
async function refuseLostHistory(
  { source, stream, settings }: StreamContext,
  { to }: JournalRecord,
  lease: Lease,
): Promise<void> {
  const request = { stream, from: to, settings, images: "as-set" as const };
  const cursor = await source.open(request, lease.signal);
  await cursor.close();
}

/** What tells two servers apart, by the first sign that both give; undefined if they are the same. */
export function differentSource(
  known: SourceIdentity,
  found: SourceIdentity,
): keyof SourceIdentity | undefined {
  const sign = commonSign(known, found);
  return sign === undefined || known[sign] === found[sign] ? undefined : sign;
}

/** Whether two servers look the same only because their sets have one name: the user may not ask for more. */
export function isKnownByNameOnly(known: SourceIdentity, found: SourceIdentity): boolean {
  return commonSign(known, found) === "setName";
}

function commonSign(known: SourceIdentity, found: SourceIdentity) {
  const signs = ["replicaSetId", "clusterId", "setName"] as const;
  return signs.find((each) => known[each] !== undefined && found[each] !== undefined);
}

export async function noteSettings(
  context: StreamContext,
  lease: Lease,
  tail: JournalTail,
): Promise<void> {
  const v = context.recordFormat.versionAfter(tail.last.v);
  const settings = wantedSettings(context.settings, context.stream, v);
  const changed = changedSettings(tail.facts.settings, settings);
  if (changed.length === 0) return;
  if (changed.includes("keyRule") || changed.includes("encoding")) {
    await assertRoomForKeys(context.sink, context.stream, context.settings);
  }
  const record = tail.next({
    kind: "settings",
    to: tail.position,
    source: tail.facts.source,
    settings,
    changed,
  }, { v, id: context.random.uuid() });
  await appendRecord(context, lease, record);
  tail.appended(record, true);
  context.observe({ type: "settings-changed", changed });
}
