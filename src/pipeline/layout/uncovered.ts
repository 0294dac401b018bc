import { type ClusterTime, compareClusterTimes } from "../../model/cluster_time.ts";
import { type Coverage, selectionKey } from "../../model/coverage.ts";
import { HistoryLostError, PermanentError } from "../../model/errors.ts";
import type { CollectionStream } from "../../model/layout.ts";
import { isNamespaceWanted } from "../../model/namespace_filter.ts";
import {
  asEnd,
  comparePositions,
  describePosition,
  type Position,
  positionAt,
} from "../../model/position.ts";
import { streamName, targetKey, targetsOverlap } from "../../model/stream.ts";
import { readLayouts } from "./layout_streams.ts";
import type { NamespaceName, NamespaceSource } from "../namespaces.ts";
import type { StreamContext } from "../stream_context.ts";

/**
 * A stream that follows retired ones begins where they ended. Collections that patterns wanted, and that began before
 * that place while no instance looked, have no journal that could be retired, and nobody would bring what they had. They
 * are given their start and their end here, so that `layout retire` runs them up to that very place.
 *
 * @throws {PermanentError} where there are any; it names them and the way out.
 */
export async function refuseUncovered(
  context: StreamContext,
  end: Position,
  signal: AbortSignal,
): Promise<void> {
  const { coverage, stream } = context;
  if (coverage === undefined || stream.level === "collection") return;
  const found = new Set<string>();
  for (const key of await coverage.log.selections()) {
    const covered = await coverage.log.last(key);
    if (covered === undefined || selectionKey(covered.filter) !== key) continue;
    for (const each of await uncoveredOf(context, coverage.source, covered, end, signal)) {
      found.add(streamName(each));
    }
  }
  if (found.size === 0) return;
  const names = [...found].sort();
  throw new PermanentError(
    `Cannot begin ${streamName(stream)}: no stream has brought what happened before ` +
      `${describePosition(end)} in ${names.join(" and ")}; run \`tributary layout retire ` +
      `${names.join(" ")}\`, which brings it, or use another prefix`,
  );
}

async function uncoveredOf(
  context: StreamContext,
  source: NamespaceSource,
  covered: Coverage,
  end: Position,
  signal: AbortSignal,
): Promise<CollectionStream[]> {
  const { journal, stream } = context;
  const begun = await begunBefore(context, source, covered, end, signal);
  for (const each of await source.list(covered.filter, covered.through, signal)) {
    if (!begun.has(nameOf(each))) begun.set(nameOf(each), { name: each });
  }
  for (const each of covered.open) {
    if (!begun.has(nameOf(each))) begun.set(nameOf(each), { name: each });
  }
  const journals = new Set((await journal.streams()).map((key) => key.replace(PARTITION, "")));
  const uncovered: CollectionStream[] = [];
  for (const { name, time } of begun.values()) {
    const each = toStream(name);
    const target = targetKey(each);
    const isOurs = targetsOverlap(each, stream) && isNamespaceWanted(covered.filter, nameOf(name));
    if (!isOurs || journals.has(target)) continue;
    const start = await journal.readStart(target) ??
      (time === undefined ? undefined : positionAt(time));
    if (start === undefined || comparePositions(start, end) >= 0) continue;
    await journal.putStart(target, start);
    await fixEnd(context, target, end);
    uncovered.push(each);
  }
  return uncovered;
}

const PARTITION = /\.e\d+\.\d+of\d+$/;

type Begun = Map<string, { readonly name: NamespaceName; readonly time?: ClusterTime }>;

/** What has begun or ended since the place that is covered, each with the first time of it. */
async function begunBefore(
  { options }: StreamContext,
  source: NamespaceSource,
  { filter, through }: Coverage,
  end: Position,
  signal: AbortSignal,
): Promise<Begun> {
  const begun: Begun = new Map();
  try {
    const request = { filter, from: through, known: () => [] };
    const news = await source.openNews(request, signal);
    if (news === undefined) return begun;
    try {
      for (let reached = through; compareClusterTimes(reached, end.operationTime) <= 0;) {
        signal.throwIfAborted();
        const reply = await news.next();
        for (const each of reply.news) {
          if (!begun.has(nameOf(each))) begun.set(nameOf(each), { name: each, time: each.time });
        }
        reached = reply.reached;
      }
    } finally {
      await news.close().catch(() => {}); // The server drops it by itself.
    }
  } catch (error) {
    if (!(error instanceof HistoryLostError) || options.onHistoryLost === "fail") throw error;
  }
  return begun;
}

async function fixEnd(
  { layouts }: StreamContext,
  target: string,
  end: Position,
): Promise<void> {
  const latest = (await readLayouts(layouts, target)).at(-1);
  if (latest?.of === 0) return;
  const last = { epoch: (latest?.epoch ?? 0) + 1, of: 0 };
  const { operationTime, data } = end;
  await layouts.put(target, { ...last, barrier: asEnd({ operationTime, data }) });
  await layouts.putIntent(target, last);
}

function toStream({ database, collection }: NamespaceName): CollectionStream {
  return { level: "collection", database, collection };
}

function nameOf({ database, collection }: NamespaceName): string {
  return `${database}.${collection}`;
}
