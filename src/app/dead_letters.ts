import { ByteSink } from "../bson/byte_sink.ts";
import { type EventSummary, eventSummary, summaryText } from "../bson/event/event_summary.ts";
import { MalformedBsonError } from "../bson/malformed_bson_error.ts";
import { withoutFields } from "../bson/redact/redact_event.ts";
import { writeDocumentJson } from "../bson/json/to_json.ts";
import type { LakeConfig } from "../config/config.ts";
import { ACCEPTED_VERSION, putAccepted } from "../journal/losses/accepted_losses.ts";
import {
  type Absence,
  findLetters,
  type LetterChoice,
  type LetterPlaces,
  whyAbsent,
} from "../journal/letters/find_letters.ts";
import { assertJournalPlace } from "../journal/journal_place.ts";
import { createObjectJournal } from "../journal/object_journal.ts";
import { readLetters } from "../journal/letters/read_letters.ts";
import { createObjectRedrives } from "../journal/letters/object_redrives.ts";
import { ENCODER_VERSION } from "../model/columns.ts";
import { errorMessage, PermanentError } from "../model/errors.ts";
import { lossesOf } from "../model/losses.ts";
import type { Letter, LetterFile } from "../model/redrive.ts";
import type { JsonMode } from "../model/settings.ts";
import { redriveLetters, type RedriveParts, type RedriveReport } from "../operate/redrive.ts";
import type { Encoder } from "../pipeline/ports.ts";
import { createObjectSink } from "../sink/object_sink.ts";
import { isoTime } from "../support/clock.ts";
import { writtenFields } from "../source/written_fields.ts";
import type { Command } from "./commands.ts";
import { withResources } from "./adapters.ts";

/** A file holds events of one batch at most. */
const FILES_AHEAD_MAX = 4;

/** The dead letters of one record, or why they cannot be read. */
export interface LetterReport {
  readonly streamKey: string;
  readonly seq: number;
  /** The file's key. */
  readonly file: string;
  readonly writtenAt: string;
  /** How many there are, also where they cannot be read. */
  readonly events: number;
  readonly letters: readonly (Letter & Described)[];
  readonly fault?: string;
}

/** What an event is about, as data and in a few words. */
interface Described {
  readonly summary: EventSummary;
  readonly text: string;
}

export interface DeadLetters {
  list(choice: LetterChoice): AsyncGenerator<LetterReport>;
  /** Why a choice has found none. */
  whyAbsent(choice: LetterChoice): Promise<Absence>;
  /** An event as Extended JSON, as the settings say; the error where it is damaged. */
  jsonOf(event: Uint8Array): string | Error;
  /** Record by record, in order; what cannot be redriven at all is told as a fault. */
  redrive(choice: LetterChoice): AsyncGenerator<RedriveReport | Refusal>;
}

export interface Refusal {
  readonly streamKey: string;
  readonly seq: number;
  readonly fault: string;
}

/** Lets a person look at what could not be a row, and make rows of it after all. */
export function deadLetters<T>(
  config: LakeConfig,
  command: Command,
  work: (letters: DeadLetters) => Promise<T>,
): Promise<T> {
  const { tools: { clock, random, hostName } } = command;
  return withResources(config, command, async (resources) => {
    const places = await resources.places({ forProbe: true });
    const { lake, destination } = places;
    await assertJournalPlace(places);
    command.reached();
    let encoder: Encoder | undefined;
    const now = () => isoTime(clock.wallMs());
    const redriveOne = async (file: LetterFile) => {
      const parts: RedriveParts = {
        sink: createObjectSink(destination),
        journal: createObjectJournal(lake),
        redrives: createObjectRedrives(lake),
        // Threads, so that an event that kills an encoder kills nothing else; made when there is something to do.
        encoder: encoder ??= resources.encoder(),
        encoderVersion: ENCODER_VERSION,
        redact: config.redact,
        removeFields: (event, paths, stages) => withoutFields(event, paths, writtenFields(stages)),
        by: `operator-${hostName}-${random.uuid()}`,
        now,
      };
      const report = await redriveLetters(parts, file, await readLetters(destination, file));
      if (report.left.length === 0) await settle(lake, file, hostName, now());
      return report;
    };
    return await work({
      list: (choice) => listLetters(places, choice),
      whyAbsent: (choice) => whyAbsent(places, choice),
      jsonOf: (event) => jsonOf(event, config.encoding.jsonMode),
      async *redrive(choice) {
        for await (const file of findLetters(places, choice)) {
          yield await redriveOne(file).catch((error) => refusalOf(file, error));
        }
      },
    });
  });
}

/** Reads some files ahead of whoever looks at them. */
async function* listLetters(
  places: LetterPlaces,
  choice: LetterChoice,
): AsyncGenerator<LetterReport> {
  const ahead: Promise<LetterReport>[] = [];
  for await (const file of findLetters(places, choice)) {
    const report = reportOf(places.destination, file);
    // Whoever waits for an earlier one first is told of it in its turn.
    report.catch(() => {});
    ahead.push(report);
    if (ahead.length >= FILES_AHEAD_MAX) yield await ahead.shift()!;
  }
  for (const report of ahead) yield await report;
}

async function reportOf(
  destination: Parameters<typeof readLetters>[0],
  file: LetterFile,
): Promise<LetterReport> {
  const { streamKey, record: { seq, writtenAt }, entry: { key, events } } = file;
  const report = { streamKey, seq, file: key, writtenAt, events: events.length, letters: [] };
  try {
    const letters = await readLetters(destination, file);
    const withSummary = letters.map((each) => {
      const summary = eventSummary(each.event);
      return { ...each, summary, text: summaryText(summary) };
    });
    return { ...report, letters: withSummary };
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return { ...report, fault: errorMessage(error) };
  }
}

function jsonOf(event: Uint8Array, mode: JsonMode): string | Error {
  const out = new ByteSink(event.length * 2);
  try {
    writeDocumentJson(event, 0, out, mode);
    return new TextDecoder().decode(out.take());
  } catch (error) {
    if (!(error instanceof MalformedBsonError)) throw error;
    return error;
  }
}

/** A record whose dead letters are all rows lacks nothing any more: it counts as a loss that somebody has dealt with. */
async function settle(
  lake: Parameters<typeof putAccepted>[0],
  { streamKey: stream, record }: LetterFile,
  acceptedBy: string,
  acceptedAt: string,
): Promise<void> {
  await putAccepted(lake, {
    ...{ v: ACCEPTED_VERSION, stream, seq: record.seq, record: record.id, ...lossesOf(record) },
    reason: "all of them are rows by now",
    ...{ acceptedBy, acceptedAt },
  });
}

/** What is wrong with one record must not keep the others from being redriven. */
function refusalOf({ streamKey, record }: LetterFile, error: unknown): Refusal {
  if (!(error instanceof PermanentError)) throw error;
  return { streamKey, seq: record.seq, fault: errorMessage(error) };
}
