import {
  isToken,
  type Position,
  TOKEN_TIME_END,
  TOKEN_VERSION_END,
  TOKEN_VERSIONS,
  versionless,
} from "../model/position.ts";
import type { Query } from "./namespace_match.ts";

/** Sorts behind all digits of a token, so that a prefix with it sorts behind all that begins with the prefix. */
const BEHIND = "G";

/**
 * The `$match` that leaves out the events at or before `from` and those after `through`; undefined if there is nothing to
 * leave out.
 *
 * A stream that is opened by time begins with the first event of that time. Where the server cannot produce one of those
 * (its image is missing, it is too large), it would fail on it for ever. Directly behind `$changeStream` this match comes
 * before whatever makes events large or looks their images up, on 6.0.5 in all forms of events, also in transactions.
 *
 * A server of another version writes the tokens of `from`'s time in another way: what of them was seen is left out by what
 * versions have in common, as `compareTokens` compares. Of those after `through` more may pass than is wanted.
 */
export function tokenBounds(from: Position, through: Position | undefined): Query | undefined {
  const bounds: Query[] = [];
  if (hasToken(from)) bounds.push(...boundsAfter(from.data));
  if (through !== undefined) bounds.push(...boundsUpTo(through.data));
  // Each as $or of what passes: 6.0.5 cannot optimize a $nor of several conditions on a token.
  return bounds.length === 0 ? undefined : { $and: bounds };
}

function boundsAfter(data: string): Query[] {
  const time = data.slice(0, TOKEN_TIME_END);
  const others = TOKEN_VERSIONS.map((version) => time + version)
    .filter((prefix) => prefix !== versionPrefix(data));
  return [
    token({ $lt: versionPrefix(data) }, { $gt: data }),
    ...others.map((prefix) => token({ $lt: prefix }, { $gt: prefix + versionless(data) + BEHIND })),
  ];
}

function boundsUpTo(data: string): Query[] {
  return [
    token({ $lte: data }, { $gt: versionPrefix(data) + BEHIND }),
    token({ $lt: data.slice(0, TOKEN_TIME_END) + BEHIND }),
  ];
}

/** A token of which one of these is true. */
function token(...conditions: Query[]): Query {
  return { $or: conditions.map((condition) => ({ "_id._data": condition })) };
}

/** Behind an invalidate the server itself knows what comes; other places than tokens need no more than their time. */
function hasToken(from: Position): boolean {
  return from.invalidate !== true && isToken(from.data);
}

function versionPrefix(data: string): string {
  return data.slice(0, TOKEN_VERSION_END);
}
