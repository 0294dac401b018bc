import { PermanentError } from "../model/errors.ts";
import { type Stream, streamName, targetKey } from "../model/stream.ts";
import type { NoSnapshot, SnapshotWish } from "../model/snapshot_wish.ts";
import type { NamespaceFilter } from "../model/settings.ts";
import type { DocumentSource } from "../pipeline/documents.ts";
import type { Journal } from "../pipeline/ports.ts";
import { saysEmpty } from "../pipeline/snapshot/began_empty.ts";
import { LOAD_OTHERWISE, whyNoSnapshot } from "../pipeline/snapshot/announce.ts";
import type { AskServer, SnapshotFiles } from "../pipeline/snapshots.ts";
import { mapLimited } from "../support/flow/limited.ts";
import type { Finding } from "../support/check_result.ts";
import { formatSeconds } from "../support/units.ts";

/** What is looked at. */
export interface SnapshotCheck {
  readonly documents: Pick<DocumentSource, "survey">;
  readonly files: Pick<SnapshotFiles, "find">;
  readonly journal: Pick<Journal, "streams" | "read">;
  /** What is to be streamed. */
  readonly targets: readonly Stream[];
  readonly namespaces: NamespaceFilter;
  /** Why nothing is read, though nobody has said so. */
  readonly none?: NoSnapshot;
  /** Absent: no limit. */
  readonly documentsPerSecondMax?: number;
}

export const SNAPSHOTS_SUBJECT = "Snapshots";

/** A cautious guess for one copy with two cores; small documents come faster. */
const DOCUMENTS_PER_SECOND = 20_000;

const NAMES_SHOWN = 3;

/** Targets of which it is read side by side whether they began empty. */
const READS_IN_FLIGHT_MAX = 32;

/** How much a first start will read, and what was begun without: that is read when somebody asks, and not by itself. */
export async function checkSnapshots(
  check: SnapshotCheck,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { files, journal, targets, none } = check;
  const ids = [...(await files.find()).keys()];
  const begun = Map.groupBy(await journal.streams(), (key) => key.replace(PARTITION, ""));
  const fresh = targets.filter((each) => !begun.has(targetKey(each)));
  if (none !== undefined) return fresh.length === 0 ? [] : [nothingRead(none)];
  const announced = new Set(ids.map(targetOf));
  const unannounced = targets.filter((each) => {
    const key = targetKey(each);
    return begun.has(key) && !announced.has(key);
  });
  const wereEmpty = await mapLimited(unannounced, READS_IN_FLIGHT_MAX, (each) => {
    return saysEmpty(journal, begun.get(targetKey(each))!);
  });
  const without = unannounced.filter((_, i) => !wereEmpty[i]);
  return [
    ...(fresh.length === 0 ? [] : [await firstStart(check, fresh, signal)]),
    ...(without.length === 0 ? [] : [begunWithout(without)]),
  ];
}

/** Why targets that begin get no rows of documents that are there, where nobody has said that they get none. */
export async function whyNone(
  wish: SnapshotWish,
  server: AskServer,
): Promise<NoSnapshot | undefined> {
  if (wish.kind === "off") return wish.why;
  if (wish.kind === "initial") return undefined;
  const reason = whyNoSnapshot(await server());
  return reason === undefined ? undefined : { reason, change: LOAD_OTHERWISE };
}

/** What is found where it could not be looked: who does not answer is told of by others, and nobody has asked for more. */
export function ifNobodyAsked(error: unknown): readonly Finding[] {
  if (!(error instanceof PermanentError)) return [];
  const text = `how much a first start reads is not known: ${error.message}`;
  return [{ subject: SNAPSHOTS_SUBJECT, state: "warning", text }];
}

const PARTITION = /\.e\d+\.\d+of\d+$/;

function targetOf(id: string): string {
  return id.slice(0, id.lastIndexOf("."));
}

async function firstStart(
  { documents, namespaces, documentsPerSecondMax = Infinity }: SnapshotCheck,
  fresh: readonly Stream[],
  signal: AbortSignal,
): Promise<Finding> {
  const floor = { t: 0, i: 0 };
  const wholes = new Map(fresh.map((each) => [targetKey(wider(each)), wider(each)]));
  const wanted = new Set(fresh.map(targetKey));
  const isWanted = (database: string, collection: string) =>
    [{ level: "deployment" as const }, { level: "database" as const, database }, {
      ...{ level: "collection" as const, database, collection },
    }].some((each) => wanted.has(targetKey(each)));
  let count = 0;
  let collections = 0;
  for (const stream of wholes.values()) {
    for (const found of await documents.survey({ stream, namespaces, floor }, signal)) {
      if (!isWanted(found.database, found.collection)) continue;
      count += found.documents;
      collections++;
    }
  }
  const rate = Math.min(DOCUMENTS_PER_SECOND, documentsPerSecondMax);
  const many = collections === 1 ? "1 collection" : `${collections} collections`;
  return {
    subject: SNAPSHOTS_SUBJECT,
    state: "ok",
    text: `the first start reads about ${count.toLocaleString("en-US")} documents of ${many}; at ` +
      `${rate.toLocaleString("en-US")} a second that takes ${formatSeconds(count / rate * 1000)}`,
  };
}

function nothingRead({ reason, change }: NoSnapshot): Finding {
  const text = `the first start reads no documents that are there: ${reason}; for them, ${change}`;
  return { subject: SNAPSHOTS_SUBJECT, state: "ok", text };
}

/** All collections of a database are found by one listing. */
function wider(stream: Stream): Stream {
  return stream.level === "collection" ? { level: "database", database: stream.database } : stream;
}

function begunWithout(targets: readonly Stream[]): Finding {
  const names = targets.map((each) => streamName(each).replace(/^collection:/, ""));
  const more = names.length - NAMES_SHOWN;
  const shown = names.slice(0, NAMES_SHOWN).join(", ") + (more > 0 ? ` and ${more} more` : "");
  return {
    subject: SNAPSHOTS_SUBJECT,
    state: "warning",
    text:
      `${shown} ${names.length === 1 ? "was" : "were"} begun without a snapshot, and get none by ` +
      `themselves; \`tributary snapshot start ${names[0]}\` reads what was there before`,
  };
}
