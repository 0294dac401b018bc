import { addHoles, type Holes, NO_HOLES } from "../table_log.ts";

/** What a stream has had so far that is in no table: for those that it is yet to have something in. */
export interface StreamHoles {
  /** Of all its collections: which of them it was is not told. */
  readonly all: Holes;
  /** By collection: how many of its objects no table can name. */
  readonly elsewhere: Readonly<Record<string, number>>;
}

export const NO_STREAM_HOLES: StreamHoles = { all: NO_HOLES, elsewhere: {} };

export function withHoles(before: StreamHoles, holes: Holes): StreamHoles {
  return { ...before, all: addHoles(before.all, holes) };
}

export function withElsewhere(
  before: StreamHoles,
  collection: string,
  objects: number,
): StreamHoles {
  const sum = (before.elsewhere[collection] ?? 0) + objects;
  return { ...before, elsewhere: { ...before.elsewhere, [collection]: sum } };
}

/** What the table of a collection has of it, when the first object of the stream comes into it. */
export function holesFor({ all, elsewhere }: StreamHoles, collection: string): Holes {
  return addHoles(all, { ...NO_HOLES, objectsElsewhere: elsewhere[collection] ?? 0 });
}
