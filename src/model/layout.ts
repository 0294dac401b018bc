import type { Position } from "./position.ts";
import type { Stream } from "./stream.ts";

/** A collection's stream, or one that could be. */
export type CollectionStream = Extract<Stream, { readonly level: "collection" }>;

/**
 * How many streams a collection is divided into, from a barrier on: the streams of the epoch before end there, those of
 * this one begin there. Epoch 0 has no file: it is the collection as one stream, from its start position. `of` 0 retires
 * the target, which may be a database or the deployment, too: its streams end at the barrier and none follow.
 */
export interface Layout {
  readonly epoch: number;
  readonly of: number;
  readonly barrier: Position;
}

/** What is to become the next layout. Whoever sees it may fix the barrier, so a crash in between holds nobody up. */
export type LayoutIntent = Omit<Layout, "barrier">;

/** The streams of a collection in one epoch; none where it was retired. */
export function streamsOfLayout(
  collection: CollectionStream,
  { epoch, of }: LayoutIntent,
): CollectionStream[] {
  const { level, database, collection: name } = collection;
  const base = { level, database, collection: name };
  if (epoch === 0) return [base];
  return Array.from(
    { length: of },
    (_, i) => ({ ...base, partition: { epoch, index: i + 1, of } }),
  );
}

/** The epoch that a stream belongs to. */
export function epochOf(stream: Stream): number {
  return stream.level === "collection" ? stream.partition?.epoch ?? 0 : 0;
}
