import { PermanentError } from "../model/errors.ts";
import {
  type CollectionStream,
  epochOf,
  type Layout,
  type LayoutIntent,
  streamsOfLayout,
} from "../model/layout.ts";
import { streamKey, streamName, targetKey } from "../model/stream.ts";
import { completeLayout } from "../pipeline/layout/barrier.ts";
import { readLayouts, streamsToRun } from "../pipeline/layout/layout_streams.ts";
import type { OperatorParts } from "./operator_context.ts";
import type { Journal, Layouts } from "../pipeline/ports.ts";

/**
 * Divides a collection into `of` streams from the server's last operation on. Its streams of now run up to there and
 * close, whoever runs them; then the new ones begin. Called again after a failure, it completes what it has begun.
 *
 * @throws {PermanentError} where it is divided so already, or another change is under way.
 */
export async function changeLayout(
  { journal, layouts, source, signal }: OperatorParts,
  collection: CollectionStream,
  of: number,
): Promise<Layout> {
  const target = targetKey(collection);
  const current = await settledLayout(journal, layouts, collection);
  const name = streamName(collection);
  if (current.of === 0) {
    throw new PermanentError(`Cannot divide ${name}: it was retired; use another prefix`);
  }
  if (current.of === of) {
    const streams = of === 1 ? "one stream" : `${of} streams`;
    throw new PermanentError(`Cannot divide ${name} into ${streams}: that is what it has`);
  }
  const intent = await layouts.putIntent(target, { epoch: current.epoch + 1, of });
  if (intent.of !== of) throw new PermanentError(underWay(name, intent));
  const streams = streamsOfLayout(collection, current);
  const layout = await completeLayout({ journal, layouts, source }, streams, intent, signal);
  if (layout.of !== of) throw new PermanentError(underWay(name, layout));
  return layout;
}

/**
 * The layout of a collection, all of whose streams are its own.
 *
 * @throws {PermanentError} while streams of the layout before still run, or where it has no stream at all.
 */
export async function settledLayout(
  journal: Journal,
  layouts: Layouts,
  collection: CollectionStream,
): Promise<LayoutIntent> {
  const latest = (await readLayouts(layouts, targetKey(collection))).at(-1) ?? { epoch: 0, of: 1 };
  const [first] = await streamsToRun(journal, layouts, collection);
  const name = streamName(collection);
  if (first !== undefined && epochOf(first) < latest.epoch) {
    throw new PermanentError(underWay(name, latest));
  }
  if (
    latest.epoch === 0 && !await journal.exists(streamKey(streamsOfLayout(collection, latest)[0]!))
  ) {
    throw new PermanentError(
      `Cannot change the layout of ${name}: it was never streamed here; PARTITIONS decides at its ` +
        "first start",
    );
  }
  return latest;
}

function underWay(name: string, { epoch, of }: LayoutIntent): string {
  if (of === 0) {
    return `Cannot change the layout of ${name}: it is being retired; finish that with \`tributary ` +
      `layout retire ${name}\``;
  }
  return `Cannot change the layout of ${name}: layout ${epoch} with ${of} streams is under way; try ` +
    "again when the streams before have reached its barrier (`tributary layout show`), which needs " +
    "an instance that runs them";
}
