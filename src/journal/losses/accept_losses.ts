import { PermanentError } from "../../model/errors.ts";
import { isLoss, type Losses, lossesOf, NO_LOSSES } from "../../model/losses.ts";
import type { JournalRecord } from "../../model/record.ts";
import { chooseStreamKeys, nameOfKey } from "../../model/stream_choice.ts";
import type { Journal } from "../../pipeline/ports.ts";
import { ACCEPTED_VERSION, type AcceptedLoss, putAccepted } from "./accepted_losses.ts";
import type { JournalStore } from "../object_journal.ts";
import { readCoverage } from "../object_coverage.ts";
import { readRawRecord } from "../read_raw_record.ts";
import { markOfGaps, selectionOfName } from "./selection_gaps.ts";

/** What somebody accepts. */
export interface Acceptance {
  /** A key, a name, or a selection as `verify` names it. Default: the only stream that there is. */
  readonly stream?: string;
  /** The records that say what is lost. */
  readonly seqs: readonly number[];
  readonly reason: string;
  readonly acceptedBy: string;
  /** ISO 8601. */
  readonly acceptedAt: string;
}

/** What is lost, and where that stands. */
type NamedLoss = Pick<AcceptedLoss, "seq" | "record" | keyof Losses>;

/** What counts of a loss by now; `isEarlier`: somebody had accepted it before, and that stays. */
export type CountingAcceptance = AcceptedLoss & { readonly isEarlier: boolean };

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
): Promise<CountingAcceptance[]> {
  const word = acceptance.stream;
  const selection = word === undefined ? undefined : selectionOfName(word);
  const stream = selection === undefined ? chooseOne(await journal.streams(), word) : word!;
  const losses: NamedLoss[] = [];
  for (const seq of acceptance.seqs) {
    losses.push(
      selection === undefined
        ? await lossOfRecord(store, stream, seq)
        : await lossOfEntry(store, selection, seq),
    );
  }
  const { reason, acceptedBy, acceptedAt } = acceptance;
  const how = { v: ACCEPTED_VERSION, stream, reason, acceptedBy, acceptedAt } as const;
  const accepted: CountingAcceptance[] = [];
  for (const loss of losses) {
    const mine = { ...how, ...loss };
    const counts = await putAccepted(store, mine);
    accepted.push({ ...counts, isEarlier: counts !== mine });
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

/** The times that an entry of a selection says are not known. */
async function lossOfEntry(
  store: Pick<JournalStore, "get">,
  selection: string,
  seq: number,
): Promise<NamedLoss> {
  const gaps = (await readCoverage(store, selection, seq))?.gaps ?? [];
  if (gaps.length > 0) {
    return { ...NO_LOSSES, seq, record: markOfGaps(gaps), gaps: gaps.length };
  }
  throw new PermanentError(
    `Cannot accept entry ${seq} of selection ${selection}: it is not there or says of no time that it is not known; ` +
      "`tributary verify` names those that do",
  );
}

async function lossOfRecord(
  store: Pick<JournalStore, "get">,
  stream: string,
  seq: number,
): Promise<NamedLoss> {
  const read = await readRawRecord(store, stream, seq);
  const why = read === "missing"
    ? "it is not there"
    : "fault" in read
    ? read.fault
    : isLoss(lossesOf(read.record))
    ? undefined
    : `it is a ${read.record.kind} record and says of nothing that it is lost`;
  if (why === undefined) {
    const { record } = read as { readonly record: JournalRecord };
    return { seq, record: record.id, ...lossesOf(record) };
  }
  throw new PermanentError(
    `Cannot accept record ${seq} of ${
      nameOfKey(stream)
    }: ${why}; \`tributary verify\` names the records ` +
      "that say so",
  );
}
