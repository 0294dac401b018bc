import { PermanentError } from "../model/errors.ts";
import { isLoss, lossesOf } from "../model/losses.ts";
import type { JournalRecord } from "../model/record.ts";
import { chooseStreamKeys, nameOfKey } from "../model/stream_choice.ts";
import type { Journal } from "../pipeline/stages.ts";
import { ACCEPTED_VERSION, type AcceptedLoss, putAccepted } from "./accepted_losses.ts";
import type { JournalStore } from "./object_journal.ts";
import { readRawRecord } from "./read_raw_record.ts";

/** What somebody accepts. */
export interface Acceptance {
  /** A key, or a name. Default: the only stream that there is. */
  readonly stream?: string;
  /** The records that say what is lost. */
  readonly seqs: readonly number[];
  readonly reason: string;
  readonly acceptedBy: string;
  /** ISO 8601. */
  readonly acceptedAt: string;
}

/** Streams that a sentence names. */
const STREAMS_NAMED_MAX = 5;

/**
 * Writes into the lake that somebody knows of losses and has done what there was to do. All or none: nothing is written
 * if one of the records names no loss. The answer is what counts, by now or from before.
 *
 * @throws {PermanentError} if it is not clear which stream, or a record is missing or says of nothing that it is lost.
 */
export async function acceptLosses(
  store: Pick<JournalStore, "get" | "putIfAbsent">,
  journal: Pick<Journal, "streams">,
  acceptance: Acceptance,
): Promise<AcceptedLoss[]> {
  const stream = chooseOne(await journal.streams(), acceptance.stream);
  const records: JournalRecord[] = [];
  for (const seq of acceptance.seqs) records.push(await lossyRecord(store, stream, seq));
  const { reason, acceptedBy, acceptedAt } = acceptance;
  const accepted: AcceptedLoss[] = [];
  for (const record of records) {
    accepted.push(
      await putAccepted(store, {
        v: ACCEPTED_VERSION,
        stream,
        seq: record.seq,
        record: record.id,
        ...lossesOf(record),
        ...{ reason, acceptedBy, acceptedAt },
      }),
    );
  }
  return accepted;
}

function chooseOne(keys: readonly string[], word: string | undefined): string {
  const found = word === undefined ? keys : chooseStreamKeys(keys, word);
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    throw new PermanentError(
      `Cannot accept a loss: there is ${
        word === undefined ? "no journal" : `no stream ${word}`
      } in this lake; \`tributary position show\` lists those that are there`,
    );
  }
  const more = found.length > STREAMS_NAMED_MAX ? ", ..." : "";
  throw new PermanentError(
    `Cannot accept a loss of ${found.length} streams at once: name one of them with --stream: ${
      found.slice(0, STREAMS_NAMED_MAX).map(nameOfKey).join(", ")
    }${more}`,
  );
}

async function lossyRecord(
  store: Pick<JournalStore, "get">,
  stream: string,
  seq: number,
): Promise<JournalRecord> {
  const read = await readRawRecord(store, stream, seq);
  const why = read === "missing"
    ? "it is not there"
    : "fault" in read
    ? read.fault
    : isLoss(lossesOf(read.record))
    ? undefined
    : `it is a ${read.record.kind} record and says of nothing that it is lost`;
  if (why === undefined) return (read as { readonly record: JournalRecord }).record;
  throw new PermanentError(
    `Cannot accept record ${seq} of ${
      nameOfKey(stream)
    }: ${why}; \`tributary verify\` names the records ` +
      "that say so",
  );
}
