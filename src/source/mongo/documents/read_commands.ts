import { Binary, type Document, Timestamp } from "mongodb";
import type { ClusterTime } from "../../../model/cluster_time.ts";
import type { Piece } from "../../../model/snapshot.ts";
import { boundDocument } from "./bound_document.ts";

/** A part of a collection, in the server's order: bounds as in `model/snapshot.ts`. */
export interface Part {
  readonly from?: string | undefined;
  /** Without the document at `from`. */
  readonly isAfter?: boolean;
  readonly to?: string | undefined;
  readonly only?: string | undefined;
}

/**
 * What each command that reads a piece says: of which collection, and as of which time. A capped one is read as it is then or
 * was later.
 */
export function atOneTime(
  { uuid, isCapped }: Pick<Piece, "uuid" | "isCapped">,
  at: ClusterTime | undefined,
): Document {
  const time = at === undefined ? undefined : new Timestamp(at);
  return {
    ...ofPiece({ uuid }),
    readConcern: isCapped
      ? { level: "majority", ...(time === undefined ? {} : { afterClusterTime: time }) }
      : { level: "snapshot", ...(time === undefined ? {} : { atClusterTime: time }) },
  };
}

/** So the server refuses where the name is another collection's. */
export function ofPiece({ uuid }: Pick<Piece, "uuid">): Document {
  const bytes = Uint8Array.from(uuid.match(/../g)!, (hex) => parseInt(hex, 16));
  return { collectionUUID: new Binary(bytes, 4) };
}

/** For `find`; the document at `from` is always in it. */
export function findBounds({ only, from, to }: Part): Document {
  const hint = { _id: 1 };
  if (only !== undefined) return { filter: { $expr: { $eq: ["$_id", literal(only)] } }, hint };
  if (to !== undefined) {
    const min = from === undefined ? {} : { min: boundDocument(from) };
    return { ...min, max: boundDocument(to), hint };
  }
  // `min` alone leaves out the greatest key there can be.
  return from === undefined ? {} : { filter: { $expr: { $gte: ["$_id", literal(from)] } }, hint };
}

/** For `aggregate`, which has no `min` and `max`. */
export function matchBounds({ only, from, isAfter, to }: Part): Document {
  if (only !== undefined) return { $match: { $expr: { $eq: ["$_id", literal(only)] } } };
  const bounds = [
    ...(from === undefined ? [] : [{ [isAfter ? "$gt" : "$gte"]: ["$_id", literal(from)] }]),
    ...(to === undefined ? [] : [{ $lt: ["$_id", literal(to)] }]),
  ];
  return { $match: bounds.length === 0 ? {} : { $expr: { $and: bounds } } };
}

function literal(bound: string): Document {
  return { $literal: boundDocument(bound).get("_id") };
}
